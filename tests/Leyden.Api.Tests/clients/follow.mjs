// Follows a prediction with the EventSource of npm and writes what it gets, one JSON object a line, until the end.
// usage: node follow.mjs URL KEY
import { EventSource } from 'eventsource'

const [url, key] = process.argv.slice(2)
const write = (line) => process.stdout.write(JSON.stringify(line) + '\n')
let opened = 0

const source = new EventSource(url, {
  fetch: async (input, init) => {
    const answer = await fetch(input, { ...init, headers: { ...init.headers, 'X-API-Key': key } })
    write({ answer: answer.status, sent: init.headers['Last-Event-ID'] ?? null })
    return answer
  },
})

source.addEventListener('open', () => opened++)
source.addEventListener('status', (e) => write({ status: JSON.parse(e.data).status, id: e.lastEventId }))
source.addEventListener('done', (e) => write({ done: e.lastEventId, opened }))
source.addEventListener('error', (e) => {
  if (source.readyState === EventSource.CLOSED) {
    write({ closed: e.code ?? null })
    process.exit(0)
  }
})
