"""Reads a calendar from standard input with python3-icalendar and prints its entries as JSON."""

import json
import sys

from icalendar import Calendar


def moment(event, name):
    return event[name].dt.isoformat() if name in event else None


read = Calendar.from_ical(sys.stdin.buffer.read())
events = [
    {
        "uid": str(event["uid"]),
        "summary": str(event["summary"]),
        "start": moment(event, "dtstart"),
        "end": moment(event, "dtend"),
    }
    for event in read.walk("vevent")
]
json.dump(events, sys.stdout)
