/** Something that an expression of CEL may use besides the language itself: types, functions, names. */
export interface CelLibrary {
  readonly types?: readonly CelType[]
  readonly constants?: readonly CelConstant[]
  readonly functions?: readonly CelFunction[]
  readonly operators?: readonly CelOperator[]
}

/** A type of values by the class of JavaScript that holds them. */
export interface CelType {
  readonly name: string
  readonly constructedBy: new (...parts: never[]) => object
  /** Types of its fields by name; undefined when any text is a key, as of a map. */
  readonly fields?: Readonly<Record<string, string>>
}

/** A name with a value that is the same in every evaluation. */
export interface CelConstant {
  readonly name: string
  readonly type: string
  readonly value: unknown
}

/**
 * A function: `name(types): type`, or `Receiver.name(types): type`. Integers come and go as bigint, doubles as number.
 * Throws `CelFailure` for arguments that it cannot take.
 */
export interface CelFunction {
  readonly signature: string
  readonly call: (...parts: never[]) => unknown
}

/** An operator between two types: `left operator right`. */
export interface CelOperator {
  readonly signature: string
  readonly apply: (left: never, right: never) => unknown
}

/** What a function of a library throws when the evaluation is to end with an error of CEL. */
export class CelFailure extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'CelFailure'
    this.code = code
  }
}

/** Why an expression is none, or has no value. */
export interface CelError {
  readonly stage: 'syntax' | 'type' | 'evaluation'
  /** `no_such_key`, `no_such_overload` …; stable, for programs. */
  readonly code: string
  /** One line, for people. */
  readonly message: string
  /** Place in the expression, from 0; undefined when it concerns all of it. */
  readonly position: number | undefined
}

/** The value of an expression, or why it has none. */
export type CelEvaluation =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: CelError }

/** An expression that parses and whose types fit; evaluated any number of times. */
export interface CelProgram {
  readonly expression: string
  /** Type of the value: `bool`, `int`, `dyn` when only the evaluation can say … */
  readonly type: string
  evaluate(variables: Readonly<Record<string, unknown>>): CelEvaluation
}

/** A program, or why the expression makes none. */
export type CelCompilation =
  | { readonly ok: true; readonly program: CelProgram }
  | { readonly ok: false; readonly error: CelError }
