// A client people really use, tus-js-client, doing what a page does with it.

import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { Upload } from 'tus-js-client'
import { wav } from '../client.mjs'

const MIB = 1024 * 1024

function options(server, more) {
  return {
    endpoint: new URL(server.path, server.base).href,
    headers: server.token ? { Authorization: `Bearer ${server.token}` } : {},
    metadata: { filename: 'Dictée n° 4 – été.wav', filetype: 'audio/wav' },
    retryDelays: [0, 100, 300],
    storeFingerprintForResuming: false,
    ...more,
  }
}

/** Runs an upload to its end; `hook` gets it before it starts. */
function finish(source, settings, hook = () => {}) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(source, { ...settings, onSuccess: () => resolve(upload), onError: reject })
    hook(upload, resolve)
    upload.start()
  })
}

export default [
  {
    id: 'C1',
    claim: 'tus-js-client sends a file in chunks and it comes back the same',
    async run(server) {
      const bytes = wav(5 * MIB + 123)
      let seen = 0
      const upload = await finish(bytes, options(server, { chunkSize: MIB, onProgress: (sent) => (seen = sent) }))
      assert.equal(seen, bytes.length)
      assert.ok((await server.readBack(upload.url)).equals(bytes), 'the bytes differ')
    },
  },
  {
    id: 'C2',
    claim: 'tus-js-client sends a stream whose length nobody knows',
    async run(server) {
      const bytes = wav(3 * MIB + 7)
      const stream = Readable.from((function* () {
        for (let at = 0; at < bytes.length; at += 100000) yield bytes.subarray(at, at + 100000)
      })(), { objectMode: false })
      const upload = await finish(stream, options(server, { chunkSize: MIB, uploadLengthDeferred: true }))
      assert.ok((await server.readBack(upload.url)).equals(bytes), 'the bytes differ')
    },
  },
  {
    id: 'C3',
    claim: 'tus-js-client sends the first bytes with the creation',
    async run(server) {
      const bytes = wav(MIB)
      const upload = await finish(bytes, options(server, { chunkSize: MIB / 4, uploadDataDuringCreation: true }))
      assert.ok((await server.readBack(upload.url)).equals(bytes), 'the bytes differ')
    },
  },
  {
    id: 'C4',
    claim: 'an upload left in the middle is taken up again by its address',
    async run(server) {
      const bytes = wav(4 * MIB)
      const address = await new Promise((resolve, reject) => {
        const upload = new Upload(bytes, options(server, {
          chunkSize: MIB,
          onError: reject,
          onChunkComplete: (_, accepted) => {
            if (accepted >= 2 * MIB) upload.abort().then(() => resolve(upload.url), reject)
          },
        }))
        upload.start()
      })
      assert.ok((await server.offset(address)) >= 2 * MIB)
      await finish(bytes, options(server, { chunkSize: MIB, uploadUrl: address }))
      assert.ok((await server.readBack(address)).equals(bytes), 'the bytes differ')
    },
  },
  {
    id: 'C5',
    claim: 'an upload given up through tus-js-client is gone',
    async run(server) {
      const address = await new Promise((resolve, reject) => {
        const upload = new Upload(wav(4 * MIB), options(server, {
          chunkSize: MIB,
          onError: reject,
          onChunkComplete: () => upload.abort(true).then(() => resolve(upload.url), reject),
        }))
        upload.start()
      })
      assert.equal(await server.offset(address), undefined)
    },
  },
]
