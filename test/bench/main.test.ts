import { spawnSync } from 'node:child_process'

import { expect, it } from 'vitest'

import { PROJECT_ROOT } from '../shared-data.ts'

it.each([
  [['--help'], 0, /^usage: npm run bench/, /^$/],
  [['--nope'], 2, /^$/, /^Unknown option '--nope'.* \(see npm run bench -- --help\)\n$/],
])('npm run bench -- %j says what it takes, without a stack', (words, code, out, err) => {
  const argv = ['--import', 'tsx', 'bench/main.ts', ...words]
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    cwd: PROJECT_ROOT,
    encoding: 'utf8',
  })
  expect(stdout).toMatch(out)
  expect(stderr).toMatch(err)
  expect(status).toBe(code)
})
