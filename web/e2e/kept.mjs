// What web/ui/src/keep.ts keeps in the browser: looked at, and damaged as a full disk or a crash would.

/** How many recordings there are. */
export async function recordings(page) {
  return (await open(page)).evaluate(
    (database) =>
      new Promise((resolve) => {
        const work = database.transaction('recordings')
        const count = work.objectStore('recordings').count()
        work.oncomplete = () => { database.close(); resolve(count.result) }
      }),
  )
}

/** The sizes in bytes of the pieces of the only recording there is, in order. */
export async function pieces(page) {
  return (await open(page)).evaluate(
    (database) =>
      new Promise((resolve) => {
        const work = database.transaction('pieces')
        const all = work.objectStore('pieces').getAll()
        work.oncomplete = () => { database.close(); resolve(all.result.map((piece) => piece.bytes.byteLength)) }
      }),
  )
}

/** Loses its pieces from number `from` up to number `to`, which stays. */
export async function lose(page, from, to) {
  await (await open(page)).evaluate(
    (database, [first, end]) =>
      new Promise((resolve) => {
        const work = database.transaction(['recordings', 'pieces'], 'readwrite')
        const ids = work.objectStore('recordings').getAllKeys()
        ids.onsuccess = () => {
          const lost = IDBKeyRange.bound([ids.result[0], first], [ids.result[0], end], false, true)
          work.objectStore('pieces').delete(lost)
        }
        work.oncomplete = () => { database.close(); resolve() }
      }),
    [from, to],
  )
}

function open(page) {
  return page.evaluateHandle(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('balado', 1)
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error)
      }),
  )
}
