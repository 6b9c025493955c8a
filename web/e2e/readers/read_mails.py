"""Reads a Maildir with Python's own mail library and prints its messages as JSON."""

import email
import email.policy
import json
import mailbox
import sys

messages = []
for raw in mailbox.Maildir(sys.argv[1], create=False):
    message = email.message_from_bytes(raw.as_bytes(), policy=email.policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    messages.append(
        {
            "to": str(message["to"]),
            "from": str(message["from"]),
            "subject": str(message["subject"]),
            "text": body.get_content() if body else "",
        }
    )
json.dump(messages, sys.stdout)
