package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What is kept in memory of the addresses of a message, so that those of a sender, a recipient or a destination are
 * found among millions without reading each: whatever is found so has to be read, as it may be another's.
 *
 * <pre>
 *   sender 24 · 0 · domain 19 · address 20      one destination; no address if it has several recipients there
 *   sender 24 · 1 · 39                          several destinations: four bits for each of them
 * </pre>
 *
 * <p>Hashes of what is written in ASCII, regardless of case and quotes; 0 stands for what may be anything.
 *
 * @param bits all of it
 */
public record MessageTraits(long bits) {
    /** Of a message of which nothing is known: it may be any. */
    public static final MessageTraits UNKNOWN = new MessageTraits(0);

    private static final int SENDER_SHIFT = 40;
    private static final int DOMAIN_SHIFT = 20;
    static final int DOMAIN_BITS = 19;
    private static final int ADDRESS_BITS = 20;
    private static final long SEVERAL = 1L << DOMAIN_SHIFT + DOMAIN_BITS;
    private static final int SEVERAL_BITS = 39;
    private static final int BITS_EACH = 4;

    private static final int START = 0x811c9dc5;
    private static final int PRIME = 0x01000193;

    /** Those of a message with this envelope. */
    public static MessageTraits of(Envelope envelope) {
        return new MessageTraits(bits(envelope));
    }

    static long bits(Envelope envelope) {
        Mailbox sender = envelope.reversePath().mailbox();
        long from = sender(sender == null ? START : address(sender));
        List<Recipient> recipients = envelope.recipients();
        if (recipients.size() == 1) {
            Mailbox mailbox = recipients.get(0).mailbox();
            return from | one(domain(mailbox.domain()), address(mailbox));
        }
        Destinations all = new Destinations();
        for (Recipient recipient : recipients) {
            all.add(domain(recipient.mailbox().domain()), address(recipient.mailbox()));
        }
        return from | all.bits();
    }

    /** Collects what a message record says, text by text. */
    static final class Reader {
        private final Destinations destinations = new Destinations();
        private long from;

        void sender(ByteBuffer text) {
            from = MessageTraits.sender(address(text));
        }

        void recipient(ByteBuffer text) {
            int domain = START;
            for (int i = text.limit() - 1; i >= text.position(); i--) {
                if (text.get(i) == '@') {
                    domain = hash(START, text, i + 1);
                    break;
                }
            }
            destinations.add(domain, address(text));
        }

        private static int address(ByteBuffer text) {
            return hash(START, text, text.position());
        }

        long bits() {
            return from | destinations.bits();
        }
    }

    private static final class Destinations {
        private int count;
        private int domain;
        private int address;
        private long several;
        private boolean unknown;
        private boolean differ;

        void add(int domainHash, int addressHash) {
            unknown |= domainHash == 0;
            differ |= count > 0 && domainHash != domain;
            domain = domainHash;
            address = count++ == 0 ? addressHash : 0;
            several |= among(domainHash);
        }

        long bits() {
            return unknown ? 0 : differ ? SEVERAL | several : one(domain, address);
        }
    }

    /** The hash of an address; 0 if it is one of which none is kept. */
    static int address(Mailbox mailbox) {
        int hash = hash(START, mailbox.localPart());
        return mailbox.domain().isEmpty() ? hash : hash(next(hash, '@'), mailbox.domain());
    }

    /** The hash of the null reverse-path. */
    static int nobody() {
        return START;
    }

    /** The hash of a domain; 0 if it is one of which none is kept. */
    static int domain(String domain) {
        return hash(START, domain);
    }

    private static int hash(int start, String text) {
        int hash = start;
        for (int i = 0; i < text.length(); i++) {
            hash = next(hash, text.charAt(i));
        }
        return hash;
    }

    private static int hash(int start, ByteBuffer text, int from) {
        int hash = start;
        for (int i = from; i < text.limit(); i++) {
            hash = next(hash, text.get(i) & 0xff);
        }
        return hash;
    }

    /** 0 stays 0; what is not ASCII may be written in several ways. */
    private static int next(int hash, int c) {
        if (c >= 0x80 || hash == 0) {
            return 0;
        } else if (c == '"' || c == '\\') {
            return hash;
        }
        return (hash ^ (c >= 'A' && c <= 'Z' ? c + 0x20 : c)) * PRIME;
    }

    private static long sender(int hash) {
        return (long) reduced(hash, Long.SIZE - SENDER_SHIFT) << SENDER_SHIFT;
    }

    private static long one(int domain, int address) {
        return domain == 0 ? 0 : (long) reduced(domain, DOMAIN_BITS) << DOMAIN_SHIFT | reduced(address, ADDRESS_BITS);
    }

    private static long among(int domain) {
        long bits = 0;
        int mixed = mixed(domain);
        int step = mixed >>> 16 | 1;
        for (int i = 0; i < BITS_EACH; i++) {
            bits |= 1L << Integer.remainderUnsigned(mixed + i * step, SEVERAL_BITS);
        }
        return bits;
    }

    /** So many bits of it, which are 0 only if it is. */
    private static int reduced(int hash, int bits) {
        int rest = mixed(hash) >>> Integer.SIZE - bits;
        return rest == 0 && hash != 0 ? 1 : rest;
    }

    private static int mixed(int hash) {
        int mixed = (hash ^ hash >>> 16) * 0x85ebca6b;
        mixed = (mixed ^ mixed >>> 13) * 0xc2b2ae35;
        return mixed ^ mixed >>> 16;
    }

    /** Whether a message may be of a sender. */
    static boolean mayBeFrom(long traits, int sender) {
        long known = traits >>> SENDER_SHIFT;
        return known == 0 || sender == 0 || known == reduced(sender, Long.SIZE - SENDER_SHIFT);
    }

    /** Whether a message may have recipients at a domain. */
    static boolean mayBeAt(long traits, int domain) {
        if (domain == 0) {
            return true;
        } else if ((traits & SEVERAL) != 0) {
            return (among(domain) & ~traits) == 0;
        }
        int known = destination(traits);
        return known == 0 || known == reduced(domain, DOMAIN_BITS);
    }

    /** Whether a message may be to an address. */
    static boolean mayBeTo(long traits, int domain, int address) {
        if (!mayBeAt(traits, domain)) {
            return false;
        }
        int known = (int) traits & (1 << ADDRESS_BITS) - 1;
        return (traits & SEVERAL) != 0 || known == 0 || address == 0 || known == reduced(address, ADDRESS_BITS);
    }

    /** What is kept of the only destination, as {@link #destination(int)} has it; 0 if it has several, or it may be any. */
    static int destination(long traits) {
        return (traits & SEVERAL) != 0 ? 0 : (int) (traits >>> DOMAIN_SHIFT) & (1 << DOMAIN_BITS) - 1;
    }

    /** What is kept of the hash of a domain. */
    static int destination(int domain) {
        return reduced(domain, DOMAIN_BITS);
    }
}
