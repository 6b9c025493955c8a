// Programs that are not ours, reading what we sent: Debian's Python with its mail and iCalendar libraries.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const PYTHON = '/usr/bin/python3'
const here = path.dirname(fileURLToPath(import.meta.url))

/** The mails in the sink: [{to, from, subject, text}]. */
export function mails(maildir) {
  if (!fs.existsSync(path.join(maildir, 'new'))) return []
  return run('read_mails.py', [maildir])
}

/** The entries of a calendar: [{uid, summary, start, end}], times in RFC 3339. */
export function calendar(text) {
  return run('read_calendar.py', [], text)
}

function run(script, more, input) {
  const told = execFileSync(PYTHON, [path.join(here, 'readers', script), ...more], { input, encoding: 'utf8' })
  return JSON.parse(told)
}
