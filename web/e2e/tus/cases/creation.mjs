// Creation, creation with upload and deferred length (T13 to T19).

import assert from 'node:assert/strict'
import { METADATA, OFFSET_STREAM, base64, firstStatus, wav } from '../client.mjs'

const SIZE = 32 * 1024

export default [
  {
    id: 'T13',
    claim: 'creation answers 201 and an address of ours, whatever a stranger says about forwarding',
    async run(server) {
      const forwarded = { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https', Forwarded: 'host=evil.example' }
      const answer = await server.create({ 'Upload-Length': String(SIZE), ...forwarded })
      assert.equal(answer.status, 201)
      const location = new URL(answer.headers.location, server.base)
      assert.equal(location.host, server.base.host)
      assert.equal(await server.offset(location.href), 0)
    },
  },
  {
    id: 'T14',
    claim: 'the length is a number or deferred: both, neither and nonsense are refused with 400',
    async run(server) {
      const wrong = [
        {},
        { 'Upload-Length': '10', 'Upload-Defer-Length': '1' },
        { 'Upload-Defer-Length': '2' },
        { 'Upload-Defer-Length': 'true' },
        { 'Upload-Length': '-1' },
        { 'Upload-Length': '1e3' },
        { 'Upload-Length': 'long' },
      ]
      for (const headers of wrong) {
        const answer = await server.create(headers)
        assert.equal(answer.status, 400, JSON.stringify(headers))
        assert.equal(answer.headers.location, undefined)
      }
    },
  },
  {
    id: 'T15',
    claim: 'a length above the limit is refused with 413 before any byte',
    async run(server) {
      const { headers } = await server.send('OPTIONS', server.path)
      const tooLong = (BigInt(headers['tus-max-size']) + 1n).toString()
      assert.equal((await server.create({ 'Upload-Length': tooLong })).status, 413)
    },
  },
  {
    id: 'T16',
    claim: 'an empty upload is complete at once',
    async run(server) {
      const upload = await server.open(0)
      const { headers } = await server.head(upload)
      assert.equal(headers['upload-offset'], '0')
      assert.equal(headers['upload-length'], '0')
    },
  },
  {
    id: 'T17',
    claim: 'metadata comes back as it was given, an empty value included',
    async run(server) {
      const given = `filename ${base64('Œuvre – 日本.wav')},filetype ${base64('audio/wav')},note`
      const answer = await server.create({ 'Upload-Length': String(SIZE), 'Upload-Metadata': given })
      assert.equal(answer.status, 201)
      const { headers } = await server.head(answer.headers.location)
      const pairs = (text) => Object.fromEntries(text.split(',').map((pair) => [pair.trim().split(' ')[0], pair.trim().split(' ')[1] ?? '']))
      assert.deepEqual(pairs(headers['upload-metadata'] ?? ''), pairs(given))
    },
  },
  {
    id: 'T17b',
    claim: 'metadata that is not base64, repeats a key or is very long is refused with 400',
    async run(server) {
      const wrong = ['filename not*base64', `a ${base64('1')},a ${base64('2')}`, `filename ${base64('x'.repeat(8000))}`]
      for (const metadata of wrong) {
        const answer = await server.create({ 'Upload-Length': '10', 'Upload-Metadata': metadata })
        assert.equal(answer.status, 400, metadata.slice(0, 40))
      }
    },
  },
  {
    id: 'T17c',
    claim: 'a file name is never a path: directories in it change nothing',
    async run(server) {
      const given = `filename ${base64('../../etc/passwd')},filetype ${base64('audio/wav')}`
      const answer = await server.create({ 'Upload-Length': String(SIZE), 'Upload-Metadata': given })
      assert.equal(answer.status, 201)
      assert.doesNotMatch(answer.headers.location, /\.\.|passwd/)
      assert.equal((await server.patch(answer.headers.location, 0, wav(SIZE))).status, 204)
    },
  },
  {
    id: 'T18',
    claim: 'bytes may come with the creation, and only under their own content type',
    async run(server) {
      const bytes = wav(SIZE)
      const length = { 'Upload-Length': String(SIZE) }
      const whole = await server.create({ ...length, 'Content-Type': OFFSET_STREAM }, { body: bytes })
      assert.equal(whole.status, 201)
      assert.equal(whole.headers['upload-offset'], String(SIZE))
      assert.ok((await server.readBack(whole.headers.location)).equals(bytes), 'the bytes differ')
      const part = await server.create({ ...length, 'Content-Type': OFFSET_STREAM }, { body: bytes.subarray(0, 1000) })
      assert.equal(part.headers['upload-offset'], '1000')
      assert.equal((await server.patch(part.headers.location, 1000, bytes.subarray(1000))).status, 204)
      const ignored = await server.create({ ...length, 'Content-Type': 'text/plain' }, { body: 'not ours' })
      if (ignored.status === 201) assert.equal(await server.offset(ignored.headers.location), 0)
      else assert.equal(ignored.status, 415)
    },
  },
  {
    id: 'T18b',
    claim: 'a body that waits for permission is refused without a byte of it: the final status comes by itself',
    async run(server) {
      const { headers } = await server.send('OPTIONS', server.path)
      const tooLong = (BigInt(headers['tus-max-size']) + 1n).toString()
      const socket = await server.connect()
      const status = firstStatus(socket)
      socket.write(
        server.start('POST', server.path, {
          'Upload-Length': tooLong,
          'Upload-Metadata': METADATA,
          'Content-Type': OFFSET_STREAM,
          'Content-Length': '1000000',
          Expect: '100-continue',
        }),
      )
      assert.equal(await status, 413)
      socket.destroy()
    },
  },
  {
    id: 'T19',
    claim: 'a deferred length is declared once, with any PATCH, and never changed',
    async run(server) {
      const bytes = wav(SIZE)
      for (const declareAt of [0, 1, 2]) {
        const upload = await server.open(undefined)
        const cuts = [0, 10000, 20000, SIZE]
        for (let part = 0; part < 3; part += 1) {
          const before = await server.head(upload)
          const isDeclared = part > declareAt
          assert.equal(before.headers['upload-defer-length'], isDeclared ? undefined : '1')
          assert.equal(before.headers['upload-length'], isDeclared ? String(SIZE) : undefined)
          const headers = part === declareAt ? { 'Upload-Length': String(SIZE) } : {}
          const answer = await server.patch(upload, cuts[part], bytes.subarray(cuts[part], cuts[part + 1]), { headers })
          assert.equal(answer.status, 204)
        }
        assert.ok((await server.readBack(upload)).equals(bytes), 'the bytes differ')
      }
    },
  },
  {
    id: 'T19b',
    claim: 'an empty PATCH may declare the length and so finish the upload',
    async run(server) {
      const upload = await server.open(undefined)
      const bytes = wav(SIZE)
      await server.patch(upload, 0, bytes)
      const headers = { 'Upload-Length': String(SIZE) }
      assert.equal((await server.patch(upload, SIZE, Buffer.alloc(0), { headers })).status, 204)
      assert.ok((await server.readBack(upload)).equals(bytes), 'the bytes differ')
    },
  },
  {
    id: 'T19c',
    claim: 'another length than the declared one, or one already passed, is refused',
    async run(server) {
      const upload = await server.open(undefined)
      const bytes = wav(SIZE)
      await server.patch(upload, 0, bytes.subarray(0, 10000))
      const passed = await server.patch(upload, 10000, 'x', { headers: { 'Upload-Length': '5000' } })
      assert.ok([400, 409].includes(passed.status), `declared below the offset: ${passed.status}`)
      await server.patch(upload, 10000, bytes.subarray(10000, 20000), { headers: { 'Upload-Length': String(SIZE) } })
      const changed = await server.patch(upload, 20000, 'x', { headers: { 'Upload-Length': String(SIZE + 1) } })
      assert.ok([400, 409].includes(changed.status), `declared again: ${changed.status}`)
      assert.equal(await server.offset(upload), 20000)
    },
  },
]
