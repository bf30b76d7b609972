package dev.ehlo.smtp.client;

import org.jspecify.annotations.Nullable;

/**
 * A list whose elements are its nodes, so that to put one in, or to take it out wherever it stands, costs neither an
 * object nor a search. An element is in one list at most. Used by one thread.
 */
final class Chain<E extends Chain.Link<E>> {
    /** What can be in a list. */
    abstract static class Link<E extends Link<E>> {
        private @Nullable Chain<E> chain;
        private @Nullable E previous;
        private @Nullable E next;
    }

    private @Nullable E first;
    private @Nullable E last;
    private int size;

    @Nullable
    E first() {
        return first;
    }

    @Nullable
    E last() {
        return last;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** @throws IllegalStateException if it is in a list */
    void addFirst(E element) {
        insert(null, element, first);
    }

    /** @throws IllegalStateException if it is in a list */
    void addLast(E element) {
        insert(last, element, null);
    }

    private void insert(@Nullable E before, E element, @Nullable E after) {
        Link<E> link = element;
        if (link.chain != null) {
            throw new IllegalStateException("in a list already");
        }
        link.chain = this;
        join(before, element);
        join(element, after);
        size++;
    }

    private void join(@Nullable E before, @Nullable E after) {
        if (before == null) {
            first = after;
        } else {
            ((Link<E>) before).next = after;
        }
        if (after == null) {
            last = before;
        } else {
            ((Link<E>) after).previous = before;
        }
    }

    /** False if it was not in this list. */
    boolean remove(E element) {
        Link<E> link = element;
        if (link.chain != this) {
            return false;
        }
        join(link.previous, link.next);
        link.chain = null;
        link.previous = null;
        link.next = null;
        size--;
        return true;
    }
}
