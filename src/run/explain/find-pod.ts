import { InputError } from '../../base/errors.ts'
import { nearestWord } from '../../base/nearest-word.ts'

/** How many near names an error tells, and how many names are looked at for them. */
const SHOWN_MAX = 5
const SEARCHED_MAX = 100_000

/** Key of a pod that a user named as `name`, `pod/name` or `namespace/name`, in the namespace given if it has none. */
export function podKeyOf(text: string, namespace: string | undefined): string {
  const name = text.replace(/^(pods?|po)\//, '')
  if (!name.includes('/')) return `${namespace ?? 'default'}/${name}`
  if (namespace !== undefined && !name.startsWith(`${namespace}/`)) {
    throw new InputError({
      field: '--namespace',
      message: `is ${namespace}, and the pod is ${name}`,
      hint: 'give the namespace once',
    })
  }
  return name
}

function sharedPrefix(one: string, other: string): number {
  let length = 0
  while (length < one.length && length < other.length && one[length] === other[length]) length += 1
  return length
}

/** Refuses a pod that is not there, with the names nearest to it: the likeliest slip, and those that begin like it. */
export function refuseUnknownPod(key: string, known: Iterable<string>, when: string): never {
  const names: string[] = []
  for (const name of known) {
    if (names.length >= SEARCHED_MAX) break
    names.push(name)
  }
  const bare = key.slice(key.indexOf('/') + 1)
  const nearest = nearestWord(key, names)
  const alike = names
    .map((name) => ({ name, shared: sharedPrefix(name.slice(name.indexOf('/') + 1), bare) }))
    .filter(({ shared }) => shared >= Math.max(3, bare.length / 2))
    .sort((one, other) => other.shared - one.shared)
  const all = [...(nearest === undefined ? [] : [nearest]), ...alike.map(({ name }) => name)]
  const shown = [...new Set(all)].slice(0, SHOWN_MAX)
  const [first] = names
  const example = first === undefined ? 'there are no pods at all' : `pods are named like ${first}`
  throw new InputError({
    message: `there is no pod ${key}${when}`,
    hint: shown.length === 0 ? example : `did you mean ${shown.join(' or ')}?`,
  })
}
