/**
 * The mail queue: takes responsibility for messages, keeps them in a spool, hands them to a delivery agent until every
 * recipient is settled, and tells the sender of those that failed. Needs a JVM, a directory and a
 * {@link dev.ehlo.smtp.DeliveryAgent}; knows neither sockets nor the server and the client.
 */
module dev.ehlo.smtp.queue {
    requires transitive dev.ehlo.smtp.codec;
    requires org.jctools.core.jdk11;
    requires static org.jspecify;
    requires org.slf4j;

    exports dev.ehlo.smtp.queue;
}
