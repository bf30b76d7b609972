package dev.ehlo.smtp.client;

/**
 * Is told each line of each session, for a person to read. Lines are escaped, so that what a server sends moves
 * nothing on a terminal; credentials are masked ({@code AUTH PLAIN ****}); content is told by its length
 * ({@code <1234 octets of content>}). Called on loop threads, for several sessions at once, and must not block.
 */
public interface DialogueListener {
    /** This side said that. */
    void sent(String line);

    /** The server said that. */
    void received(String line);
}
