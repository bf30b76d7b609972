package dev.ehlo.smtp.mta.selftest;

import org.jspecify.annotations.Nullable;

/** By which entrances an attack can be tried, and why not by the others. */
enum Where {
    /** By each. */
    EVERYWHERE {
        @Override
        @Nullable
        String notAt(Entrance entrance) {
            return null;
        }
    },
    /** Where mail is taken, if from logins alone. */
    MAIL {
        @Override
        @Nullable
        String notAt(Entrance entrance) {
            return entrance.takesMail() ? null : "nothing but STARTTLS leads on in clear";
        }
    },
    /** Where STARTTLS is still to come. */
    IN_CLEAR {
        @Override
        @Nullable
        String notAt(Entrance entrance) {
            return entrance.isUnderTls() ? "under TLS already" : null;
        }
    },
    /** Under TLS, however it began. */
    UNDER_TLS {
        @Override
        @Nullable
        String notAt(Entrance entrance) {
            return entrance.isUnderTls() ? null : "no TLS";
        }
    },
    /** Where other servers bring mail. */
    SERVERS {
        @Override
        @Nullable
        String notAt(Entrance entrance) {
            return entrance.isForUsers() ? "mail is taken from logins alone" : null;
        }
    },
    /** Where users log in. */
    USERS {
        @Override
        @Nullable
        String notAt(Entrance entrance) {
            return !entrance.isForUsers()
                    ? "no logins"
                    : entrance.isUnderTls() ? null : "nothing but STARTTLS leads on in clear";
        }
    },
    /** Where users have still to turn to TLS. */
    USERS_IN_CLEAR {
        @Override
        @Nullable
        String notAt(Entrance entrance) {
            return !entrance.isForUsers() ? "no logins" : entrance.isUnderTls() ? "under TLS already" : null;
        }
    };

    /** Why the attack can't be tried there; null if it can. */
    abstract @Nullable String notAt(Entrance entrance);
}
