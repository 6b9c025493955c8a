// Checks that a server keeps the promises of tus 1.0:
//
//     BASE_URL=http://127.0.0.1:8080 TOKEN=… OTHER_TOKEN=… node conformance.mjs
//
// TOKEN and OTHER_TOKEN are bearer tokens of two people who may deposit (`balado admin token`). UPLOADS is the path of
// the collection when it is not /api/uploads. Exits 1 when a case fails.

import { Server } from './client.mjs'
import { cases, run } from './run.mjs'

const { BASE_URL, TOKEN, OTHER_TOKEN, UPLOADS = '/api/uploads' } = process.env
if (!BASE_URL || !TOKEN || !OTHER_TOKEN) {
  console.error('BASE_URL, TOKEN and OTHER_TOKEN are needed: see the top of this file')
  process.exit(64)
}
const failures = await run(new Server({ base: BASE_URL, path: UPLOADS, token: TOKEN, otherToken: OTHER_TOKEN }))
console.log(`tus 1.0: ${cases.length - failures.size} of ${cases.length} cases hold`)
process.exit(failures.size > 0 ? 1 : 0)
