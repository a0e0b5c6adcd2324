import { describe, expect, it } from 'vitest'

import { InputError } from '../../src/base/errors.ts'
import { goTemplate } from '../../src/benchmark/go-template.ts'
import type { TemplateValues } from '../../src/benchmark/go-template.ts'

function fill(text: string, values: TemplateValues = {}): string {
  return goTemplate(text, 't.yaml').fill(values)
}

const CASES: readonly (readonly [template: string, values: TemplateValues, text: string])[] = [
  ['name: node', {}, 'name: node'],
  ['pod-{{.Index}}', { Index: 3 }, 'pod-3'],
  ['pod-{{ .Index }} of {{ .Count }}', { Index: 3, Count: 9 }, 'pod-3 of 9'],
  ['{{.missing}}', {}, '<no value>'],
  ['{{DivideInt .Index 5}}', { Index: 14 }, '2'],
  ['{{ DivideInt 30000 .Count }}Mi', { Count: 7 }, '4285Mi'],
  ['{{DivideFloat 1 4}}', {}, '0.25'],
  ['{{Mod .Index 12}}', { Index: 25 }, '1'],
  ['{{Mod .Index .n}}', { Index: 25, n: '10' }, '5'],
  ['{{AddInt 8000 (Mod .Index (DivideInt .pods .nodes))}}', { Index: 13, pods: 10, nodes: 2 }, '8003'],
  ['{{AddInt 0 .priority}}', { priority: 1000 }, '1000'],
  ['{{AddFloat 1.5 2}} {{SubtractInt 7 2}} {{SubtractFloat 1 0.5}}', {}, '3.5 5 0.5'],
  ['{{MultiplyInt 2 3 4}} {{MultiplyFloat 0.5 3}}', {}, '24 1.5'],
  ['{{if .p}}{{.p}}{{else}}50m{{end}}', { p: '1' }, '1'],
  ['{{if .p}}{{.p}}{{else}}50m{{end}}', {}, '50m'],
  ['{{if .p}}a{{else if .q}}b{{else}}c{{end}}', { q: true }, 'b'],
  ['{{if eq .m "single"}}one{{else}}all{{end}}', { m: 'single' }, 'one'],
  ['{{if ge .i (.n | Int)}}far{{end}}', { i: 4, n: '3' }, 'far'],
  ['{{$n := or .n 10}}{{$n}}', {}, '10'],
  ['{{$n := or .n 10}}{{$n}}', { n: 4 }, '4'],
  ['{{$n := (or .n 2) | Int}}{{range $n}}[{{.}}]{{end}}', { n: '3' }, '[0][1][2]'],
  ['{{range $i := (.n | Int)}}<{{$i}}>{{end}}', { n: 2 }, '<0><1>'],
  ['{{range $i, $v := .list}}{{$i}}={{$v}} {{end}}', { list: ['a', 'b'] }, '0=a 1=b '],
  ['{{range .list}}{{.}}{{else}}none{{end}}', { list: [] }, 'none'],
  ['{{range .list}}{{.name}} {{$.Index}};{{end}}', { list: [{ name: 'x' }], Index: 7 }, 'x 7;'],
  ['{{$s := (or .s nil) | JSON}}{{$s}}', {}, 'null'],
  [
    '{{$s := (or .s nil) | JSON}}{{$s}}',
    { s: [{ cel: { expression: 'a > "b"' } }] },
    '[{"cel":{"expression":"a > \\"b\\""}}]',
  ],
  ['{{with .a}}{{.b}}{{end}}', { a: { b: 'c' } }, 'c'],
  ['a {{- /* said to nobody */ -}} b', {}, 'ab'],
  ['x\n{{- if .p}}\ny\n{{- end}}\nz', { p: 1 }, 'x\ny\nz'],
  ['{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}', {}, '2'],
  ['{{and .a .b}} {{not .a}} {{len .c}}', { a: 1, b: 2, c: 'abc' }, '2 false 3'],
  ['{{printf "%03d-%s" .Index "a"}}', { Index: 7 }, '007-a'],
  ['{{"}}"}}', {}, '}}'],
]

describe('Go templates', () => {
  it.each(CASES)('%s', (template, values, text) => {
    expect(fill(template, values)).toBe(text)
  })

  it('know whether they always say the same', () => {
    expect(goTemplate('kind: Pod', 't').isConstant).toBe(true)
    expect(goTemplate('{{.Index}}', 't').isConstant).toBe(false)
  })

  it.each([
    ['a\nb {{if .x}}', 't.yaml:2: template: an {{end}} is missing'],
    ['{{end}}', 'ends nothing'],
    ['{{nosuch 1}}', 'function "nosuch" is not known'],
    ['{{DivideInt 1 .n}}', 'a value that is missing is no number'],
    ['{{DivideInt 1 0}}', 'division by zero'],
    ['{{template "x"}}', 'is not known here'],
    ['{{(Mod 1 2}}', 'a ")" is missing'],
    ['{{$y}}', 'variable $y is not declared'],
  ])('refuse %s', (template, message) => {
    expect(() => fill(template)).toThrow(InputError)
    expect(() => fill(template)).toThrow(message)
  })
})
