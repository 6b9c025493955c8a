// Asking the service itself, past its pages.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'

/** A request with the teacher's token; gives the JSON of its answer, which must be a success. */
export async function asTeacher(world, address, body) {
  const answer = await fetch(`${world.base}${address}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `Bearer ${world.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.ok(answer.ok, `${address}: ${answer.status}`)
  return answer.json()
}

/** Deposits a file of the fixtures as the teacher; gives its id. */
export async function deposit(world, name) {
  const answer = await fetch(`${world.base}/api/uploads`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${world.token}`,
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(fs.statSync(path.join(world.fixtures, name)).size),
      'Upload-Metadata': `filename ${Buffer.from(path.basename(name)).toString('base64')}`,
      'Content-Type': 'application/offset+octet-stream',
    },
    body: fs.readFileSync(path.join(world.fixtures, name)),
  })
  assert.equal(answer.status, 201)
  return answer.headers.get('balado-deposit').split('/').pop()
}

/** Stops the worker where it does not hold the database, so that the service can still write. */
export async function freeze(world) {
  const headers = { Authorization: `Bearer ${world.token}`, 'Tus-Resumable': '1.0.0' }
  for (;;) {
    process.kill(world.worker, 'SIGSTOP')
    const made = await fetch(`${world.base}/api/uploads`, { method: 'POST', headers: { ...headers, 'Upload-Length': '1' } })
    if (made.ok) {
      await fetch(new URL(made.headers.get('location'), world.base), { method: 'DELETE', headers })
      return
    }
    assert.equal(made.status, 503)
    thaw(world)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Lets the worker go on. */
export function thaw(world) {
  process.kill(world.worker, 'SIGCONT')
}

/** Homework for every class the teacher has; gives its id. */
export async function setHomework(world, title) {
  const { items } = await asTeacher(world, '/api/groups')
  const due = new Date(Date.now() + 86_400_000).toISOString()
  const made = await asTeacher(world, '/api/assignments', { title, groups: items.map((group) => group.id), due_at: due })
  return made.id
}

/** The deposits of whoever is signed in, newest first. */
export async function deposits(page) {
  const listing = await page.evaluate(async () => (await fetch('/api/deposits')).json())
  return listing.items
}
