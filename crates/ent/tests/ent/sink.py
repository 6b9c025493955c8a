"""An SMTP server for tests, on a free port of the loopback. Arguments: a certificate and its key to require STARTTLS
and a password (`balado` / `sésame`), or none. Writes its port, then one JSON line per message it takes."""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def say(value):
    print(json.dumps(value), flush=True)


class Mailbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return f"550 {address} left the school"
        if address.startswith("full@"):
            return f"452 {address} has no room left"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        say({"from": envelope.mail_from, "to": envelope.rcpt_tos, "message": envelope.content.decode("ascii"),
             "encrypted": session.ssl is not None})
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    known = data.login == b"balado" and data.password == "sésame".encode()
    return AuthResult(success=known, handled=False)


def protocol():
    if len(sys.argv) < 3:
        return SMTP(Mailbox())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    return SMTP(Mailbox(), tls_context=context, require_starttls=True, auth_required=True,
                authenticator=authenticate)


async def main():
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    say(server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
