// Trains a model, classifies, corrects and trains again. usage: node elman.mjs [URL]
import { readFile } from 'node:fs/promises'

const url = process.argv[2] ?? 'http://localhost:8080'
const rows = JSON.parse(await readFile(new URL('rows.json', import.meta.url), 'utf8'))

/** The answer to a JSON body; throws what the service says of an error. */
async function post(path, body) {
    const response = await fetch(url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Prefer: 'wait=60' },
        body: JSON.stringify(body),
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(`${path}: ${answer.detail}`)
    return answer
}

/** Waits for the end of a job, 60 seconds at most. */
async function train(members) {
    const job = await post('/train', { model: 'desk', ...members })
    console.log(`training ${job.state}`)
}

async function classify(text) {
    const answer = await post('/classify', { model: 'desk', text })
    console.log(`${text}: ${answer.label}`)
}

await train({ examples: rows, replace: true })
await classify('a crash when I log in')
const correction = { model: 'desk', text: 'where is my parcel', label: 'shipping' }
console.log(`corrected, ${(await post('/feedback', correction)).total} rows`)
await train({ extend: true })
await classify('where is my parcel')
