import { inOrderOfKey, invalid, labelRequirement } from './label-requirement.ts'
import type { LabelOperator, LabelRequirement, Parsed } from './label-requirement.ts'
import { labelKey } from './validation/names.ts'

/** A symbol, a keyword, a name or value, or the end of the text. */
interface Token {
  readonly kind: 'symbol' | 'keyword' | 'word' | 'end'
  readonly text: string
}

const END: Token = { kind: 'end', text: '' }
/** Blanks; a word, which no blank or symbol ends; or the longest symbol. A zero byte ends the text. */
const TOKEN = /[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^ \t\r\n=!(),<>\0]+))/y

const OPERATORS: ReadonlyMap<string, LabelOperator> = new Map([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
])

/**
 * Reads a label selector, as `kubectl get --selector` takes it: `app=web,tier in (a,b),!old,n>5`. The requirements come
 * in order of key; an empty text has none.
 *
 * Source: Kubernetes v1.37, apimachinery `labels.Parse`, with its errors word by word.
 */
export function parseLabelSelector(text: string): Parsed<readonly LabelRequirement[]> {
  try {
    return { value: inOrderOfKey(new SelectorParser(text).parse()) }
  } catch (error) {
    if (error instanceof SelectorProblem) return { error: error.message }
    throw error
  }
}

/** Ends the parsing of one selector; never leaves this file. */
class SelectorProblem extends Error {}

class SelectorParser {
  readonly #tokens: readonly Token[]
  #position = 0

  constructor(text: string) {
    this.#tokens = tokensOf(text)
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = []
    for (;;) {
      const first = this.#next
      if (first.kind === 'end') return requirements
      if (!beginsRequirement(first)) {
        throw new SelectorProblem(`found '${first.text}', expected: !, identifier, or 'end of string'`)
      }
      requirements.push(this.#requirement())
      const after = this.#take()
      if (after.kind === 'end') return requirements
      if (after.text !== ',')
        throw new SelectorProblem(`found '${after.text}', expected: ',' or 'end of string'`)
      if (!beginsRequirement(this.#next)) {
        throw new SelectorProblem(`found '${this.#next.text}', expected: identifier after ','`)
      }
    }
  }

  get #next(): Token {
    return this.#tokens[this.#position] ?? END
  }

  #take(): Token {
    const token = this.#next
    this.#position += 1
    return token
  }

  #requirement(): LabelRequirement {
    let token = this.#take()
    const isNegated = token.text === '!'
    if (isNegated) token = this.#take()
    if (!isWord(token)) throw unparsed(`found '${token.text}', expected: identifier`)
    const key = token.text
    // Kubernetes knows no field here, and prints that.
    const [problem] = invalid('<nil>', key, labelKey(key))
    if (problem !== undefined) throw unparsed(problem)
    if (isNegated) return valid(labelRequirement(key, '!', []))
    if (this.#next.kind === 'end' || this.#next.text === ',')
      return valid(labelRequirement(key, 'exists', []))
    const operator = this.#operator()
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()]
    return valid(labelRequirement(key, operator, values))
  }

  #operator(): LabelOperator {
    const { kind, text } = this.#take()
    const operator = kind === 'word' ? undefined : OPERATORS.get(text)
    if (operator === undefined) throw unparsed(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`)
    return operator
  }

  /** Values in parentheses, sorted, each once; an empty place is an empty value. */
  #values(): readonly string[] {
    const open = this.#take()
    if (open.text !== '(') throw unparsed(`found '${open.text}' expected: '('`)
    const first = this.#next
    if (first.text === ')') {
      this.#position += 1
      return ['']
    }
    if (!isWord(first) && first.text !== ',')
      throw unparsed(`found '${first.text}', expected: ',', ')' or identifier`)
    const values = this.#list()
    this.#position += 1
    return [...values].sort()
  }

  /** The list up to its closing parenthesis. */
  #list(): ReadonlySet<string> {
    const values = new Set<string>()
    for (;;) {
      const token = this.#take()
      if (isWord(token)) {
        values.add(token.text)
        if (this.#next.text === ')') return values
        if (this.#next.text !== ',') throw unparsed(`found '${this.#next.text}', expected: ',' or ')'`)
      } else if (token.text === ',') {
        if (values.size === 0 || this.#next.text === ')' || this.#next.text === ',') values.add('')
        if (this.#next.text === ')') return values
      } else throw unparsed(`found '${token.text}', expected: ',', or identifier`)
    }
  }

  #exactValue(): string {
    if (this.#next.kind === 'end' || this.#next.text === ',') return ''
    const token = this.#take()
    if (!isWord(token)) throw unparsed(`found '${token.text}', expected: identifier`)
    return token.text
  }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const [, symbol, word = ''] = match
    if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol })
    else tokens.push({ kind: word === 'in' || word === 'notin' ? 'keyword' : 'word', text: word })
  }
  return tokens
}

/** Keywords are words but where an operator is expected. */
function isWord({ kind }: Token): boolean {
  return kind === 'word' || kind === 'keyword'
}

function beginsRequirement(token: Token): boolean {
  return isWord(token) || token.text === '!'
}

function unparsed(why: string): SelectorProblem {
  return new SelectorProblem(`unable to parse requirement: ${why}`)
}

function valid(requirement: Parsed<LabelRequirement>): LabelRequirement {
  if ('error' in requirement) throw unparsed(requirement.error)
  return requirement.value
}
