"""Mail servers by aiosmtpd that relay: peer.py DIRECTORY ONWARD CLEAR IMPLICIT LMTP"""

import asyncio
import itertools
import smtplib
import ssl
import sys

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult

directory = sys.argv[1]
onward, clear, implicit, lmtp = map(int, sys.argv[2:])
ids = itertools.count(1)


class Relay:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        number = f"A{next(ids):07X}"
        protocol = "ESMTP" + ("S" if session.ssl or server.transport.get_extra_info("ssl_object") else "") + ("A" if session.authenticated else "")
        trace = f"Received: by aiosmtpd.example with {protocol} id {number}\r\n".encode()
        with smtplib.SMTP("127.0.0.1", onward) as client:
            client.sendmail(envelope.mail_from, envelope.rcpt_tos, trace + envelope.original_content)
        if isinstance(server, LMTP):
            return "\r\n".join(f"250 2.0.0 <{each}> {number} Saved" for each in envelope.rcpt_tos)
        return f"250 2.0.0 Ok: queued as {number}"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"user", b"secret"))


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{directory}/cert.pem", f"{directory}/key.pem")
    relay = Relay()
    logins = {"authenticator": authenticate, "auth_require_tls": False}
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(
            lambda: SMTP(relay, hostname="aiosmtpd.example", tls_context=context, **logins), "127.0.0.1", clear),
        await loop.create_server(
            lambda: SMTP(relay, hostname="aiosmtpd.example", **logins), "127.0.0.1", implicit, ssl=context),
        await loop.create_server(lambda: LMTP(relay, hostname="aiosmtpd.example"), "127.0.0.1", lmtp),
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
