/** Type of the values of a column, where a table has types: in Parquet, and in SQL. */
export type ColumnType = 'text' | 'int32' | 'int64' | 'double' | 'boolean'

/** A column of a table with types. */
export interface TypedColumn {
  readonly name: string
  readonly type: ColumnType
}

/** Endings that name a unit, with the type of every column that has it: times and shares are parts, amounts are whole. */
const UNIT_TYPES: readonly (readonly [ending: string, type: ColumnType])[] = [
  ['_s', 'double'],
  ['_share', 'double'],
  ['_mean', 'double'],
  ['_score', 'double'],
  ['_low', 'double'],
  ['_high', 'double'],
  ['_bytes', 'int64'],
  ['_millicores', 'int64'],
  ['_milli', 'int64'],
]

/** Names of the columns without a unit, by type. */
const NAMES: Readonly<Record<ColumnType, readonly string[]>> = {
  text: [
    ...['metric', 'unit', 'scenario', 'namespace', 'name', 'kind', 'owner_kind', 'owner', 'qos', 'node'],
    ...['outcome', 'reason', 'model', 'target', 'effect', 'first_node', 'limited_by', 'step', 'cause'],
    ...['object', 'message', 'pod', 'rejected_by', 'victims', 'code', 'plugin', 'reasons'],
    ...['run_id', 'error'],
  ],
  int32: [
    ...['attempt', 'priority', 'scheduling_attempts', 'feasible_nodes', 'evaluated_nodes', 'weight'],
    ...['pending_pods', 'starting_pods', 'running_pods', 'nodes', 'nodes_ready', 'nodes_in_use'],
    ...['pods_created', 'pods_bound', 'pods_finished', 'pods_succeeded', 'pods_failed', 'pods_evicted'],
    ...['pods_allocatable', 'pods_peak', 'pods_placed', 'pods_affected', 'pods_not_recovered'],
    ...['pods_rolled_back', 'decisions', 'evictions', 'crashes', 'machine_failures', 'restarts'],
    ...['evicted_by_api', 'evicted_by_taint', 'evicted_by_node_pressure', 'preempted', 'replicas'],
    ...['available_min', 'id', 'failure', 'node_count', 'pending_peak', 'evictions_blocked'],
    ...['writes_delayed', 'workload_restarts', 'wanted', 'lost', 'not_recovered', 'count', 'runs'],
    ...['point', 'failed', 'desired', 'current', 'ready'],
  ],
  int64: ['generation', 'seed'],
  double: [
    ...['value', 'slowdown', 'mean', 'standard_deviation', 'interval_low', 'interval_high', 'min', 'max'],
    ...['difference', 'p_value', 'p_adjusted'],
  ],
  boolean: ['deadline_exceeded', 'on_front'],
}

const TYPE_OF_NAME: ReadonlyMap<string, ColumnType> = new Map(
  (Object.keys(NAMES) as ColumnType[]).flatMap((type) => NAMES[type].map((name) => [name, type] as const)),
)

/** The type of a column by its name, the same in every table; undefined for a name that no table of a run has. */
export function columnType(name: string): ColumnType | undefined {
  return TYPE_OF_NAME.get(name) ?? UNIT_TYPES.find(([ending]) => name.endsWith(ending))?.[1]
}

const INTEGER = /^-?\d{1,15}$/
const NUMBER = /^-?\d+(?:\.\d+)?$/

/** The type of a column of a table that a user's names may be in: that of its name where all cells are of it, else one that takes them. */
export function typeOfColumn(name: string, cells: readonly string[]): ColumnType {
  const declared = columnType(name)
  const found = typeOfCells(cells)
  const isEmpty = cells.every((cell) => cell === '')
  const isOfName =
    found === declared || (found === 'int64' && (declared === 'int32' || declared === 'double'))
  return declared !== undefined && (isEmpty || isOfName || declared === 'text') ? declared : found
}

/** The narrowest type that takes all cells, for a column whose name says none: empty cells fit everywhere. */
function typeOfCells(cells: Iterable<string>): ColumnType {
  let [areIntegers, areNumbers, areBooleans, isEmpty] = [true, true, true, true]
  for (const cell of cells) {
    if (cell === '') continue
    isEmpty = false
    areIntegers &&= INTEGER.test(cell)
    areNumbers &&= NUMBER.test(cell)
    areBooleans &&= cell === 'true' || cell === 'false'
  }
  if (isEmpty) return 'text'
  if (areIntegers) return 'int64'
  if (areNumbers) return 'double'
  return areBooleans ? 'boolean' : 'text'
}
