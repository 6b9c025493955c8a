// Asking the service itself, past its pages.

import assert from 'node:assert/strict'

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
