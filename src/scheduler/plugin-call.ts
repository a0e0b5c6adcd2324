/** A plugin threw, or gave back what the contract does not allow; ends the run and names all that is needed to see why. */
export class PluginError extends Error {
  override name = 'PluginError'
  readonly plugin: string

  constructor(plugin: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.plugin = plugin
  }
}

/** Runs a method of a plugin; what it throws becomes a `PluginError` that says where. `place` names pod and node. */
export function runPlugin<Result>(
  plugin: string,
  method: string,
  body: () => Result,
  place?: () => string,
): Result {
  try {
    return body()
  } catch (error) {
    throw pluginFailure(plugin, method, error, place?.() ?? '')
  }
}

/** The error for what a plugin's method threw; passes one through that is a `PluginError` already. */
export function pluginFailure(plugin: string, method: string, error: unknown, place: string): PluginError {
  if (error instanceof PluginError) return error
  const detail = error instanceof Error ? error.message : String(error)
  const where = place === '' ? '' : ` for ${place}`
  return new PluginError(plugin, `plugin ${plugin}: ${method}${where}: ${detail}`, { cause: error })
}
