// Reads an HTTP Archive from standard input and says what the published schema has against it; nothing when it is valid.
import { readFileSync } from 'node:fs'
import { har } from 'har-validator'

try {
  await har(JSON.parse(readFileSync(0, 'utf8')))
} catch (error) {
  console.log(JSON.stringify(error.errors ?? String(error)))
  process.exitCode = 1
}
