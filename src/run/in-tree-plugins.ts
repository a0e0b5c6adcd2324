import { plugins } from '../../plugins/index.ts'

/** Names of the plugins that come with stowage. */
export const IN_TREE_PLUGINS: ReadonlySet<string> = new Set(plugins.keys())
