// Counts what .ci/test ran: the tests of `go test -json`, those of vitest's
// reports, and the steps that are one check each. Prints what failed, then the
// plain count; the exit code says whether anything did.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const dir = process.argv[2]
let passed = 0
const failed = []
const skipped = []

/** A test of Go counts if it has no subtests, or fails while they pass; a package that breaks without a test counts as one failure. */
function countGo(text) {
  const tests = new Map()
  const output = new Map()
  for (const line of text.split('\n').filter(Boolean)) {
    const e = JSON.parse(line)
    const pkg = e.Package ?? e.ImportPath
    const key = e.Test ? `${pkg} ${e.Test}` : pkg
    if (e.Action === 'output' || e.Action === 'build-output') output.set(key, (output.get(key) ?? '') + e.Output)
    if (['pass', 'fail', 'skip', 'build-fail'].includes(e.Action)) tests.set(key, { pkg, test: e.Test, action: e.Action })
  }
  const parents = new Set()
  const blamed = new Set() // parents with a failing subtest
  const failing = new Set()
  for (const [key, t] of tests) {
    if (!t.test) continue
    for (let at = key.lastIndexOf('/'); at > t.pkg.length; at = key.lastIndexOf('/', at - 1)) {
      parents.add(key.slice(0, at))
      if (t.action === 'fail') blamed.add(key.slice(0, at))
    }
    if (t.action === 'fail') failing.add(t.pkg)
  }
  for (const [key, t] of tests) {
    if (blamed.has(key) || (parents.has(key) && t.action !== 'fail')) continue
    if (!t.test && (t.action === 'pass' || t.action === 'skip' || failing.has(t.pkg))) continue
    if (t.action === 'pass') passed++
    else if (t.action === 'skip') skipped.push(key)
    else failed.push(`${key}\n${output.get(key) ?? ''}`)
  }
}

/** A file of vitest that breaks before its first test counts as one failure. */
function countVitest(report) {
  for (const file of report.testResults) {
    if (file.status === 'failed' && !file.assertionResults.some((t) => t.status === 'failed')) failed.push(`${file.name}\n${file.message}`)
    for (const t of file.assertionResults) {
      if (t.status === 'passed') passed++
      else if (t.status === 'failed') failed.push(`${t.fullName}\n${t.failureMessages.join('\n')}`)
      else skipped.push(t.fullName)
    }
  }
}

const reports = new Set()
for (const name of readdirSync(dir)) {
  const text = name.endsWith('.json') ? readFileSync(join(dir, name), 'utf8') : ''
  if (name.startsWith('go-')) countGo(text)
  else if (text) countVitest(JSON.parse(text))
  if (text) reports.add(name.replace(/^go-|\.json$/g, ''))
}
const suites = { go: 'go', web: 'vitest', journey: 'journey' }
for (const line of readFileSync(join(dir, 'steps.tsv'), 'utf8').trim().split('\n')) {
  const [status, name] = line.split('\t')
  const counted = reports.has(suites[name])
  if (status === 'passed' && !(name in suites)) passed++
  if (status === 'passed' && name in suites && !counted) failed.push(`${name}: it left no report`)
  if (status !== 'passed' && (!counted || failed.length === 0)) failed.push(`${name}\n${readFileSync(join(dir, `${name}.log`), 'utf8').slice(-4000)}`)
}

for (const f of failed) console.log(`\nFAILED ${f}`)
for (const s of skipped) console.log(`skipped: ${s}`)
console.log(`\n${passed} passed, ${failed.length} failed`)
process.exit(failed.length === 0 ? 0 : 1)
