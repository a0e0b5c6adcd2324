import { InputError } from '../base/errors.ts'

/** A value that a part of a pipeline starts from. */
export type Operand =
  | { readonly kind: 'constant'; readonly value: unknown }
  /** `.` or `.A.B`: the present value, or fields of it. */
  | { readonly kind: 'field'; readonly path: readonly string[] }
  /** `$`, `$x` or `$x.A`: a variable, or fields of it. */
  | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'nested'; readonly pipeline: Pipeline; readonly path: readonly string[] }

/** A function with its arguments, or one value. */
export type Command = readonly Operand[]

/** Commands joined by `|`: what one says is the last argument of the next. */
export type Pipeline = readonly Command[]

/** A part of a template. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'assign'
      readonly name: string
      readonly declares: boolean
      readonly pipeline: Pipeline
    }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipeline: Pipeline
      /** Variables that a range fills: value, or index and value. */
      readonly variables: readonly string[]
      readonly body: readonly TemplatePart[]
      readonly otherwise: readonly TemplatePart[]
    }

/** A piece of the text: what stands outside of actions, or the inside of one with its line. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly text: string; readonly line: number }

const ACTION = /\{\{(-\s)?((?:"(?:\\.|[^"\\])*"|`[^`]*`|(?!\}\})[\s\S])*?)(\s-)?\}\}/g

const TOKEN =
  /\s*(?:("(?:\\.|[^"\\])*")|`([^`]*)`|(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(\$\w*)|(\.\w+)|(\.)|(:=|=|\||,|\(|\))|([A-Za-z_]\w*))/y

interface Token {
  readonly kind: 'constant' | 'variable' | 'field' | 'dot' | 'sign' | 'word'
  readonly text: string
  readonly value?: unknown
  /** Whether space came before it: `$x.A` is one operand, `$x .A` two. */
  readonly spaced: boolean
}

/**
 * Takes a Go template apart: text, pipelines, variables, `if`, `with`, `range` with `else`, comments, trimmed space.
 *
 * Leaves out `define`, `template`, `block`, `break`, `continue` and methods. Throws `InputError` with file and line.
 * Source: Go 1.24, text/template.
 */
export function parseTemplate(text: string, file: string): readonly TemplatePart[] {
  const parser = new Parser(piecesOf(text), file)
  return parser.all()
}

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let end = 0
  let trimsNext = false
  let line = 1
  let counted = 0
  const push = (chunk: string, trimsEnd: boolean): void => {
    let shown = trimsNext ? chunk.trimStart() : chunk
    if (trimsEnd) shown = shown.trimEnd()
    if (shown !== '') pieces.push({ kind: 'text', text: shown })
  }
  for (const match of text.matchAll(ACTION)) {
    push(text.slice(end, match.index), match[1] !== undefined)
    line += text.slice(counted, match.index).split('\n').length - 1
    counted = match.index
    pieces.push({ kind: 'action', text: (match[2] ?? '').trim(), line })
    trimsNext = match[3] !== undefined
    end = match.index + match[0].length
  }
  push(text.slice(end), false)
  return pieces
}

class Parser {
  readonly #pieces: readonly Piece[]
  readonly #file: string
  #at = 0
  #line = 1

  constructor(pieces: readonly Piece[], file: string) {
    this.#pieces = pieces
    this.#file = file
  }

  all(): readonly TemplatePart[] {
    const { parts, ending } = this.#list()
    if (ending !== undefined) throw this.#error(`{{${ending.join(' ')}}} ends nothing`)
    return parts
  }

  /** Parts up to an `end` or `else`, which it returns, or to the end of the text. */
  #list(): { parts: readonly TemplatePart[]; ending: readonly string[] | undefined } {
    const parts: TemplatePart[] = []
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++]
      if (piece === undefined) break
      if (piece.kind === 'text') {
        parts.push(piece)
        continue
      }
      this.#line = piece.line
      if (piece.text.startsWith('/*') && piece.text.endsWith('*/')) continue
      if (piece.text === 'end' || /^else\b/.test(piece.text)) {
        return { parts, ending: piece.text.split(/\s+/).slice(0, 2).concat(piece.text) }
      }
      parts.push(this.#action(piece.text))
    }
    return { parts, ending: undefined }
  }

  #action(text: string): TemplatePart {
    const branch = /^(if|with|range)\b/.exec(text)?.[1]
    if (branch === 'if' || branch === 'with' || branch === 'range') {
      return this.#branch(branch, text.slice(branch.length))
    }
    if (/^(define|template|block|break|continue)\b/.test(text)) {
      throw this.#error(`{{${text}}} is not known here`)
    }
    const tokens = this.#tokens(text)
    const [name, sign] = tokens
    if (name?.kind === 'variable' && (sign?.text === ':=' || sign?.text === '=') && sign.kind === 'sign') {
      const pipeline = this.#pipeline(tokens.slice(2))
      return { kind: 'assign', name: name.text, declares: sign.text === ':=', pipeline }
    }
    return { kind: 'output', pipeline: this.#pipeline(tokens) }
  }

  #branch(kind: 'if' | 'with' | 'range', text: string): TemplatePart {
    const tokens = this.#tokens(text)
    const assign = tokens.findIndex((token) => token.kind === 'sign' && token.text === ':=')
    const variables = tokens.slice(0, Math.max(assign, 0)).filter((token) => token.kind === 'variable')
    const pipeline = this.#pipeline(tokens.slice(assign + 1))
    const { parts: body, ending } = this.#list()
    const otherwise = this.#otherwise(ending)
    return { kind, pipeline, variables: variables.map((token) => token.text), body, otherwise }
  }

  /** What stands after `else`, or nothing after `end`; an `else if` is a branch of its own that takes the `end`. */
  #otherwise(ending: readonly string[] | undefined): readonly TemplatePart[] {
    if (ending === undefined) throw this.#error('an {{end}} is missing')
    const [word, next] = ending
    if (word === 'end') return []
    const text = ending[ending.length - 1] ?? ''
    if (next === 'if' || next === 'with') {
      return [this.#branch(next, text.replace(/^else\s+(if|with)/, ''))]
    }
    const rest = this.#list()
    if (rest.ending?.[0] !== 'end') throw this.#error('an {{end}} is missing after {{else}}')
    return rest.parts
  }

  #pipeline(tokens: readonly Token[]): Pipeline {
    const { pipeline, at } = this.#commands(tokens, 0)
    if (at < tokens.length) throw this.#error(`"${tokens[at]?.text ?? ''}" is not expected`)
    return pipeline
  }

  #commands(tokens: readonly Token[], from: number): { pipeline: Pipeline; at: number } {
    const pipeline: Operand[][] = [[]]
    let at = from
    while (at < tokens.length) {
      const token = tokens[at]
      if (token === undefined || (token.kind === 'sign' && token.text === ')')) break
      if (token.kind === 'sign' && token.text === '|') {
        pipeline.push([])
        at += 1
        continue
      }
      const read = this.#operand(tokens, at)
      pipeline[pipeline.length - 1]?.push(read.operand)
      at = read.at
    }
    if (pipeline.some((command) => command.length === 0)) throw this.#error('a value is missing')
    return { pipeline, at }
  }

  #operand(tokens: readonly Token[], from: number): { operand: Operand; at: number } {
    const token = tokens[from]
    if (token === undefined) throw this.#error('a value is missing')
    if (token.kind === 'sign') {
      if (token.text !== '(') throw this.#error(`"${token.text}" is not expected`)
      const { pipeline, at } = this.#commands(tokens, from + 1)
      if (tokens[at]?.text !== ')') throw this.#error('a ")" is missing')
      const path = fieldsAfter(tokens, at)
      return { operand: { kind: 'nested', pipeline, path }, at: at + 1 + path.length }
    }
    switch (token.kind) {
      case 'constant':
        return { operand: { kind: 'constant', value: token.value }, at: from + 1 }
      case 'word':
        return { operand: { kind: 'function', name: token.text }, at: from + 1 }
      case 'dot':
        return { operand: { kind: 'field', path: [] }, at: from + 1 }
      case 'variable': {
        const path = fieldsAfter(tokens, from)
        return { operand: { kind: 'variable', name: token.text, path }, at: from + 1 + path.length }
      }
      case 'field': {
        const path = [token.text, ...fieldsAfter(tokens, from)]
        return { operand: { kind: 'field', path }, at: from + path.length }
      }
    }
  }

  #tokens(text: string): readonly Token[] {
    const tokens: Token[] = []
    TOKEN.lastIndex = 0
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const from = TOKEN.lastIndex
      const match = TOKEN.exec(text)
      if (match === null) throw this.#error(`cannot read "${text.slice(from).trim()}"`)
      tokens.push(this.#token(match))
    }
    return tokens
  }

  #token(match: RegExpExecArray): Token {
    const spaced = /^\s/.test(match[0])
    const [, quoted, raw, number, variable, field, dot, sign, word] = match
    if (quoted !== undefined) {
      return { kind: 'constant', text: quoted, value: this.#unquoted(quoted), spaced }
    }
    if (raw !== undefined) return { kind: 'constant', text: raw, value: raw, spaced }
    if (number !== undefined) return { kind: 'constant', text: number, value: Number(number), spaced }
    if (variable !== undefined) return { kind: 'variable', text: variable, spaced }
    if (field !== undefined) return { kind: 'field', text: field.slice(1), spaced }
    if (dot !== undefined) return { kind: 'dot', text: dot, spaced }
    if (sign !== undefined) return { kind: 'sign', text: sign, spaced }
    if (word === 'true' || word === 'false')
      return { kind: 'constant', text: word, value: word === 'true', spaced }
    if (word === 'nil') return { kind: 'constant', text: word, value: undefined, spaced }
    return { kind: 'word', text: word ?? '', spaced }
  }

  #unquoted(text: string): string {
    try {
      return String(JSON.parse(text))
    } catch {
      throw this.#error(`${text} is no string`)
    }
  }

  #error(message: string): InputError {
    return new InputError({ file: this.#file, line: this.#line, message: `template: ${message}` })
  }
}

/** Names of the fields that follow an operand without space. */
function fieldsAfter(tokens: readonly Token[], at: number): readonly string[] {
  const path: string[] = []
  for (let next = at + 1; next < tokens.length; next++) {
    const token = tokens[next]
    if (token === undefined || token.kind !== 'field' || token.spaced) break
    path.push(token.text)
  }
  return path
}
