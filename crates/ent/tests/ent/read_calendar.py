"""Reads a calendar on standard input with python3-icalendar; writes its name and events as JSON."""
import json
import sys

from icalendar import Calendar

calendar = Calendar.from_ical(sys.stdin.buffer.read())
events = [
    {
        "uid": str(event["uid"]),
        "summary": str(event["summary"]),
        "description": str(event["description"]),
        "url": str(event["url"]),
        "start": event["dtstart"].dt.isoformat(),
        "end": event["dtend"].dt.isoformat(),
        "errors": event.errors,
    }
    for event in calendar.walk("VEVENT")
]
assert not any(event["errors"] for event in events), events
json.dump({"name": str(calendar["x-wr-calname"]), "events": events}, sys.stdout)
