import { Environment, EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js'

import { CelFailure } from './declarations.ts'
import type { CelCompilation, CelError, CelEvaluation, CelLibrary } from './declarations.ts'
import { renameCalls } from './tokens.ts'
import type { Renaming } from './tokens.ts'

/**
 * Calls that the interpreter answers otherwise than CEL does: its `matches` has JavaScript's regular expressions, its
 * `has` takes no index on the way.
 */
const OWN_NAMES: Renaming = { functions: { has: 'hasField' }, calls: { matches: 'matchesPattern' } }

/** What an environment knows: libraries, and the variables of its expressions by name with their types. */
export interface CelDeclarations {
  readonly libraries: readonly CelLibrary[]
  readonly variables: Readonly<Record<string, string>>
}

/** Part of the interpreter's syntax tree, as its macros see it. */
interface MacroNode {
  readonly op: string
  readonly args: readonly [MacroNode, string]
}

/** What a macro of the interpreter is given. */
interface MacroCall {
  readonly args: readonly MacroNode[]
}

interface MacroChecker {
  check(node: MacroNode, scope: unknown): unknown
  getType(name: string): unknown
  createError(code: string, message: string, node: MacroNode): Error
}

interface MacroEvaluator {
  run(node: MacroNode, scope: unknown): unknown
  debugType(value: unknown): {
    fieldLazy(value: unknown, key: string, node: MacroNode, evaluator: MacroEvaluator): unknown
  }
}

/**
 * Compiles expressions of CEL against declared variables, types and functions: once, to be evaluated often.
 *
 * Undeclared names and types that do not fit are errors of the compilation, as in Kubernetes. There is no cost budget.
 */
export class CelEnvironment {
  readonly #environment: Environment

  constructor(declarations: CelDeclarations) {
    const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
    environment.registerFunction('hasField(ast): bool', fieldPresence)
    for (const library of declarations.libraries) addLibrary(environment, library)
    for (const [name, type] of Object.entries(declarations.variables))
      environment.registerVariable(name, type)
    this.#environment = environment
  }

  /** Parses and checks an expression; `type` is what its value has to be, when that matters. */
  compile(expression: string, type?: string): CelCompilation {
    const environment = this.#environment
    let parsed: ReturnType<Environment['parse']>
    try {
      parsed = environment.parse(renameCalls(expression, OWN_NAMES))
    } catch (error) {
      return { ok: false, error: errorOf(error, 'syntax') }
    }
    const checked = parsed.check()
    if (!checked.valid) return { ok: false, error: errorOf(checked.error, 'type') }
    const found = checked.type ?? 'dyn'
    if (type !== undefined && found !== type && found !== 'dyn') {
      const message = `must evaluate to ${type} or the unknown type, not ${found}`
      return { ok: false, error: { stage: 'type', code: 'wrong_type', message, position: undefined } }
    }
    const evaluate = (variables: Readonly<Record<string, unknown>>): CelEvaluation => {
      try {
        return { ok: true, value: parsed(variables) as unknown }
      } catch (error) {
        return { ok: false, error: errorOf(error, 'evaluation') }
      }
    }
    return { ok: true, program: { expression, type: found, evaluate } }
  }
}

function addLibrary(environment: Environment, library: CelLibrary): void {
  for (const { name, constructedBy, fields } of library.types ?? []) {
    environment.registerType(name, { ctor: constructedBy, ...(fields === undefined ? {} : { fields }) })
  }
  for (const { name, type, value } of library.constants ?? []) environment.registerConstant(name, type, value)
  for (const { signature, call } of library.functions ?? []) {
    environment.registerFunction(signature, guarded(call))
  }
  for (const { signature, apply } of library.operators ?? []) {
    environment.registerOperator(signature, guarded(apply))
  }
}

/** The function with its failures in the interpreter's words, so that `||` and `&&` may pass over them. */
function guarded(call: (...parts: never[]) => unknown): (...parts: unknown[]) => unknown {
  return (...parts) => {
    try {
      return call(...(parts as never[]))
    } catch (error) {
      if (!(error instanceof CelFailure)) throw error
      throw new EvaluationError({ code: error.code, message: error.message })
    }
  }
}

/** The macro `has`, on any field of any value: true when the field is there. */
function fieldPresence({ args }: MacroCall): object {
  return {
    args,
    async: false,
    typeCheck(checker: MacroChecker, macro: MacroCall, scope: unknown): unknown {
      const [node] = macro.args
      if (node?.op !== '.') {
        throw checker.createError(
          'invalid_macro_argument',
          'invalid argument to has() macro',
          node ?? NO_NODE,
        )
      }
      checker.check(node, scope)
      return checker.getType('bool')
    },
    evaluate(evaluator: MacroEvaluator, macro: MacroCall, scope: unknown): boolean {
      const [node = NO_NODE] = macro.args
      const [receiver, key] = node.args
      const value = evaluator.run(receiver, scope)
      return evaluator.debugType(value).fieldLazy(value, key, node, evaluator) !== undefined
    },
  }
}

const NO_NODE = { op: '', args: [] } as unknown as MacroNode

function errorOf(error: unknown, stage: CelError['stage']): CelError {
  const isKnown =
    error instanceof EvaluationError || error instanceof ParseError || error instanceof TypeError
  if (!isKnown) throw error
  return { stage, code: error.code, message: error.summary, position: error.range?.start }
}
