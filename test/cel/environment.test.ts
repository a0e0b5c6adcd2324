import { describe, expect, it } from 'vitest'

import { CelFailure } from '../../src/cel/declarations.ts'
import { CelEnvironment } from '../../src/cel/environment.ts'
import { KUBERNETES_LIBRARIES } from '../../src/cel/kubernetes.ts'
import { renameCalls } from '../../src/cel/tokens.ts'

const environment = new CelEnvironment({
  libraries: KUBERNETES_LIBRARIES,
  variables: { name: 'string', labels: 'map', numbers: 'list<int>' },
})
const VARIABLES = {
  name: 'web-1',
  labels: { app: 'web', part: { size: 3n } },
  numbers: [3n, 1n, 2n],
}

function valueOf(expression: string): unknown {
  const compilation = environment.compile(expression)
  if (!compilation.ok) return `${compilation.error.stage} ${compilation.error.code}`
  const result = compilation.program.evaluate(VARIABLES)
  return result.ok ? result.value : `${result.error.stage} ${result.error.code}`
}

describe('expressions', () => {
  it.each([
    ['name.startsWith("web") && labels.app == "web"', true],
    ['numbers.size() + 1', 4n],
    ['has(labels.app) && !has(labels.zone)', true],
    ['has(labels["part"].size) && !has(labels["part"].weight)', true],
    ['numbers.exists(n, n > 2) && numbers.all(n, n > 0)', true],
    ['cel.bind(part, labels.part, part.size + part.size)', 6n],
    ['labels.?zone.orValue("nowhere")', 'nowhere'],
    ['labels.zone == "a"', 'evaluation no_such_key'],
    ['labels.zone == "a" || true', true],
    ['size', 'type unknown_variable'],
    ['name + 1', 'type no_such_overload'],
    ['name ==', 'syntax unexpected_token'],
  ])('%s', (expression, value) => expect(valueOf(expression)).toEqual(value))

  it('tells where it is wrong', () => {
    const compilation = environment.compile('name == unknown')
    expect(compilation).toMatchObject({ ok: false, error: { stage: 'type', position: 8 } })
  })

  it('holds the result to a type', () => {
    expect(environment.compile('name', 'bool')).toMatchObject({ ok: false, error: { code: 'wrong_type' } })
    expect(environment.compile('labels.app', 'bool').ok).toBe(true)
  })
})

describe('quantities', () => {
  it.each([
    ['quantity("1Gi").compareTo(quantity("1024Mi"))', 0n],
    ['quantity("1.5Gi").isGreaterThan(quantity("1Gi"))', true],
    ['quantity("100m").isLessThan(quantity("1"))', true],
    ['quantity("1") == quantity("1000m")', true],
    ['quantity("50k").asInteger()', 50_000n],
    ['quantity("100m").isInteger()', false],
    ['quantity("100m").asInteger()', 'evaluation invalid_quantity'],
    ['quantity("250m").asApproximateFloat()', 0.25],
    ['quantity("-1").sign()', -1n],
    ['quantity("1").add(2).sub(quantity("500m")).compareTo(quantity("2500m"))', 0n],
    ['isQuantity("1.5Gx") || isQuantity("")', false],
    ['quantity("much").sign() == 1', 'evaluation invalid_quantity'],
    ['isQuantity("1") || quantity("much").sign() == 1', true],
  ])('%s', (expression, value) => expect(valueOf(expression)).toEqual(value))
})

describe('versions', () => {
  it.each([
    ['semver("1.10.0").compareTo(semver("1.9.0"))', 1n],
    ['semver("1.0.0-rc.2").isLessThan(semver("1.0.0"))', true],
    ['semver("1.0.0-rc.2").isLessThan(semver("1.0.0-rc.10"))', true],
    ['semver("1.0.0-1").isLessThan(semver("1.0.0-alpha"))', true],
    ['semver("1.2.3+a") == semver("1.2.3+b")', true],
    ['semver("1.2.3").major() + semver("1.2.3").patch()', 4n],
    ['isSemver("1.2") || isSemver("01.2.3") || isSemver("1.2.3-01")', false],
    ['semver("v01.2", true).compareTo(semver("1.2.0"))', 0n],
    ['semver("newest").major()', 'evaluation invalid_semver'],
  ])('%s', (expression, value) => expect(valueOf(expression)).toEqual(value))
})

describe('lists, sets and texts', () => {
  it.each([
    ['numbers.sum()', 6n],
    ['numbers.min() + numbers.max()', 4n],
    ['numbers.isSorted()', false],
    ['["a", "b"].isSorted()', true],
    ['[1, 2, 1].indexOf(1) + [1, 2, 1].lastIndexOf(1)', 2n],
    ['sets.contains([1, 2, 3], [3, 1])', true],
    ['sets.equivalent([1, 1, 2], [2, 1])', true],
    ['sets.intersects([1], [2])', false],
    ['"abc".charAt(1) + "abcabc".replace("b", "-", 1)', 'ba-cabc'],
    ['[quantity("2"), quantity("1500m")].min() == quantity("1.5")', true],
  ])('%s', (expression, value) => expect(valueOf(expression)).toEqual(value))
})

describe('regular expressions', () => {
  it('are those of RE2', () => {
    expect(valueOf('"Web-1".matches("(?i)^web-[0-9]+$") && name.matches("b-")')).toBe(true)
    expect(valueOf('matches(name, "[")')).toBe('evaluation invalid_pattern')
  })

  it('take no more than linear time', () => {
    const text = 'a'.repeat(5000)
    expect(valueOf(`"${text}!".matches("(a+)+$")`)).toBe(false)
  })

  it('are renamed in calls only', () => {
    const renaming = { functions: { has: 'own' }, calls: { matches: 'fits' } }
    expect(renameCalls('has(a) && a.has(b) && a.matches ("has(matches(")', renaming)).toBe(
      'own(a) && a.has(b) && a.fits ("has(matches(")',
    )
    expect(renameCalls("r'\\' + '''has('''  // has(x)\n+ has", renaming)).toBe(
      "r'\\' + '''has('''  // has(x)\n+ has",
    )
  })
})

describe('libraries', () => {
  const failing = new CelEnvironment({
    libraries: [
      {
        functions: [
          {
            signature: 'fail(string): bool',
            call: (code: string) => {
              throw new CelFailure(code, 'on purpose')
            },
          },
          {
            signature: 'stumble(string): bool',
            call: () => {
              throw new RangeError('a mistake of ours')
            },
          },
        ],
      },
    ],
    variables: {},
  })

  it('fail in the evaluation, and are passed over by what does not need them', () => {
    const compilation = failing.compile('fail("own_code")')
    expect(compilation.ok && compilation.program.evaluate({})).toMatchObject({
      ok: false,
      error: { stage: 'evaluation', code: 'own_code', message: 'on purpose' },
    })
    const other = failing.compile('fail("own_code") || true')
    expect(other.ok && other.program.evaluate({})).toEqual({ ok: true, value: true })
  })

  it('do not hide mistakes', () => {
    const compilation = failing.compile('stumble("x")')
    expect(() => compilation.ok && compilation.program.evaluate({})).toThrow('a mistake of ours')
  })
})
