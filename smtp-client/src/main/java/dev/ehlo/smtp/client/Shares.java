package dev.ehlo.smtp.client;

/**
 * What one loop has of the limits of a client: the shares of all loops make up the whole, so that no loop has to ask
 * another. A destination with fewer connections than there are loops has none on some of them.
 *
 * @param index which of the loops, from 0 on
 * @param loops how many share
 */
record Shares(ConnectionLimits limits, int index, int loops) {
    /** Which loops have one more than the others is different for each destination. */
    int ofDestination(Route route) {
        return loops == 1 ? limits.perDestination() : share(limits.perDestination(), route.hashCode());
    }

    /** One at least, as any loop may be the only one that has a destination's share. */
    int inAll() {
        return Math.max(1, share(limits.inAll(), 0));
    }

    int waiting() {
        return (limits.waiting() + loops - 1) / loops;
    }

    private int share(int whole, int turned) {
        return whole / loops + (Math.floorMod(index + turned, loops) < whole % loops ? 1 : 0);
    }
}
