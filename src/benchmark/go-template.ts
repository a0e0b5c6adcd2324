import { InputError } from '../base/errors.ts'
import { TEMPLATE_FUNCTIONS, TemplateError, isTrue, textOf } from './template-functions.ts'
import { parseTemplate } from './template-syntax.ts'
import type { Command, Operand, Pipeline, TemplatePart } from './template-syntax.ts'

/** Names that a template may use: `.Index`, `.Count` and the template parameters. */
export type TemplateValues = Readonly<Record<string, unknown>>

/** Longest range that a template may go through. */
const RANGE_MAX = 1_000_000

/** A Go template that was parsed: fills in values. */
export interface GoTemplate {
  /** Whether it holds no action: it always says the same. */
  readonly isConstant: boolean
  /** Throws `InputError` naming the file when a value is missing or of the wrong type. */
  fill(values: TemplateValues): string
}

/** Parses a Go template with scheduler_perf's functions. Throws `InputError` with file and line. */
export function goTemplate(text: string, file: string): GoTemplate {
  const parts = parseTemplate(text, file)
  return {
    isConstant: parts.every((part) => part.kind === 'text'),
    fill(values) {
      try {
        const out: string[] = []
        fillParts(parts, { dot: values, scopes: [new Map<string, unknown>([['$', values]])] }, out)
        return out.join('')
      } catch (error) {
        if (error instanceof TemplateError) {
          throw new InputError({ file, message: `template: ${error.message}` })
        }
        throw error
      }
    },
  }
}

interface Context {
  readonly dot: unknown
  /** Variables, innermost scope last. */
  readonly scopes: readonly Map<string, unknown>[]
}

function fillParts(parts: readonly TemplatePart[], context: Context, out: string[]): void {
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
        out.push(part.text)
        break
      case 'output':
        out.push(textOf(evaluate(part.pipeline, context)))
        break
      case 'assign':
        assign(part.name, evaluate(part.pipeline, context), part.declares, context)
        break
      case 'if':
      case 'with': {
        const value = evaluate(part.pipeline, context)
        const inner = nested(context, part.kind === 'with' && isTrue(value) ? value : context.dot)
        const [name] = part.variables
        if (name !== undefined) assign(name, value, true, inner)
        fillParts(isTrue(value) ? part.body : part.otherwise, inner, out)
        break
      }
      case 'range':
        fillRange(part, context, out)
        break
    }
  }
}

function fillRange(
  part: TemplatePart & { readonly kind: 'if' | 'with' | 'range' },
  context: Context,
  out: string[],
): void {
  const entries = entriesOf(evaluate(part.pipeline, context))
  if (entries.length === 0) fillParts(part.otherwise, nested(context, context.dot), out)
  for (const [key, value] of entries) {
    const inner = nested(context, value)
    const [first, second] = part.variables
    if (second !== undefined && first !== undefined) {
      assign(first, key, true, inner)
      assign(second, value, true, inner)
    } else if (first !== undefined) assign(first, value, true, inner)
    fillParts(part.body, inner, out)
  }
}

/** What a range goes through: numbers below a count, a list, or a map in the order of its keys. */
function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (typeof value === 'number') {
    if (value > RANGE_MAX) throw new TemplateError(`a range over ${value} is too long`)
    return Array.from({ length: Math.max(0, Math.trunc(value)) }, (_, index) => [index, index] as const)
  }
  if (Array.isArray(value)) return value.map((item: unknown, index) => [index, item] as const)
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value as Readonly<Record<string, unknown>>)
    return fields.toSorted(([one], [other]) => (one < other ? -1 : 1))
  }
  if (value === undefined || value === null) return []
  throw new TemplateError(`cannot range over ${textOf(value)}`)
}

function nested(context: Context, dot: unknown): Context {
  return { dot, scopes: [...context.scopes, new Map()] }
}

function assign(name: string, value: unknown, declares: boolean, context: Context): void {
  const scopes = context.scopes
  const scope = declares ? scopes.at(-1) : scopes.findLast((one) => one.has(name))
  if (scope === undefined) throw new TemplateError(`variable ${name} is not declared`)
  scope.set(name, value)
}

function evaluate(pipeline: Pipeline, context: Context): unknown {
  let value: unknown
  pipeline.forEach((command, index) => {
    value = run(command, context, index === 0 ? [] : [value])
  })
  return value
}

/** One command; `piped` is what the command before it said: the last argument. */
function run(command: Command, context: Context, piped: readonly unknown[]): unknown {
  const [head, ...rest] = command
  if (head === undefined) return undefined
  if (head.kind !== 'function') {
    if (rest.length + piped.length > 0) throw new TemplateError('a value that is no function has arguments')
    return valueOf(head, context)
  }
  const call = TEMPLATE_FUNCTIONS[head.name]
  if (call === undefined) throw new TemplateError(`function "${head.name}" is not known`)
  return call(...rest.map((operand) => valueOf(operand, context)), ...piped)
}

function valueOf(operand: Operand, context: Context): unknown {
  switch (operand.kind) {
    case 'constant':
      return operand.value
    case 'field':
      return fieldsOf(context.dot, operand.path)
    case 'variable': {
      const scope = context.scopes.findLast((one) => one.has(operand.name))
      if (scope === undefined) throw new TemplateError(`variable ${operand.name} is not declared`)
      return fieldsOf(scope.get(operand.name), operand.path)
    }
    case 'function':
      return run([operand], context, [])
    case 'nested':
      return fieldsOf(evaluate(operand.pipeline, context), operand.path)
  }
}

function fieldsOf(value: unknown, path: readonly string[]): unknown {
  let found = value
  for (const name of path) {
    if (found === undefined || found === null) return undefined
    if (typeof found !== 'object') throw new TemplateError(`there is no field ${name} in ${textOf(found)}`)
    found = (found as Readonly<Record<string, unknown>>)[name]
  }
  return found
}
