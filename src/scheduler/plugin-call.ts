/** What a plugin was asked about, as far as it is known. */
export interface PluginPlace {
  /** `namespace/name`. */
  readonly pod?: string
  readonly node?: string
  /** Simulated time, as text. */
  readonly instant?: string
}

/** What a plugin did wrong: the method, and what came of it, as in `: no such field` or ` is 101; expected …`. */
interface Misdeed {
  readonly method: string
  readonly outcome: string
  /** What it is that did it; a plugin by default. */
  readonly by?: 'plugin' | 'extender'
}

/**
 * A plugin threw, gave back what the contract does not allow, or did not come back; ends the run and names all that is
 * needed to see why.
 */
export class PluginError extends Error {
  override name = 'PluginError'
  readonly plugin: string
  readonly #misdeed: Misdeed
  readonly #place: PluginPlace

  constructor(plugin: string, misdeed: Misdeed, place: PluginPlace = {}, options?: ErrorOptions) {
    const instant = place.instant === undefined ? '' : ` (at ${place.instant})`
    super(
      `${misdeed.by ?? 'plugin'} ${plugin}: ${misdeed.method}${placeText(place)}${misdeed.outcome}${instant}`,
      options,
    )
    this.plugin = plugin
    this.#misdeed = misdeed
    this.#place = place
  }

  /** The same error with what more is known of its place. */
  at(place: PluginPlace): PluginError {
    return new PluginError(this.plugin, this.#misdeed, { ...place, ...this.#place }, { cause: this.cause })
  }
}

function placeText({ pod, node }: PluginPlace): string {
  if (pod === undefined) return node === undefined ? '' : ` for node ${node}`
  return node === undefined ? ` for pod ${pod}` : ` for pod ${pod} on node ${node}`
}

/** Runs a method of a plugin; what it throws becomes a `PluginError`. */
export function runPlugin<Result>(plugin: string, method: string, body: () => Result): Result {
  try {
    return body()
  } catch (error) {
    throw pluginFailure(plugin, method, error, {})
  }
}

/** The error for what a plugin's method threw; adds the place to one that is a `PluginError` already. */
export function pluginFailure(
  plugin: string,
  method: string,
  error: unknown,
  place: PluginPlace,
): PluginError {
  if (error instanceof PluginError) return error.at(place)
  const detail = error instanceof Error ? error.message : String(error)
  return new PluginError(plugin, { method, outcome: `: ${detail}` }, place, { cause: error })
}

/** Runs what is done for one pod; a `PluginError` out of it names the pod. */
export function namingPod<Result>(pod: () => string, body: () => Result): Result {
  try {
    return body()
  } catch (error) {
    throw namedError(error, pod())
  }
}

/** What was thrown for a pod: a `PluginError` names it then. */
export function namedError(error: unknown, pod: string): unknown {
  return error instanceof PluginError ? error.at({ pod }) : error
}
