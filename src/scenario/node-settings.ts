import { requireQuantity } from '../api/quantity.ts'
import type { ScenarioReader } from './reader.ts'
import type { NodeRoomSetting } from './scenario.ts'
import { fieldText } from './validate.ts'

type Path = readonly (string | number)[]

/** What the nodes of the template at this path have besides their shape. */
export function nodeRoomSetting(reader: ScenarioReader, template: Path): NodeRoomSetting {
  const amount = (name: string): string | undefined => quantity(reader, [...template, name])
  const amounts = (name: string): Readonly<Record<string, string>> | undefined => {
    const fields = reader.get([...template, name])
    if (fields === undefined) return undefined
    const names = Object.keys(fields as object)
    return Object.fromEntries(
      names.map((resource) => [resource, quantity(reader, [...template, name, resource]) ?? '0']),
    )
  }
  return {
    disk: amount('disk'),
    inodes: amount('inodes'),
    imageDisk: amount('imageDisk'),
    imageInodes: amount('imageInodes'),
    pids: amount('pids'),
    kubeReserved: amounts('kubeReserved'),
    systemReserved: amounts('systemReserved'),
  }
}

/** A quantity from 0 on, as it is written. */
function quantity(reader: ScenarioReader, at: Path): string | undefined {
  const value = reader.get(at)
  if (value === undefined) return undefined
  const text = String(value)
  const { nano } = reader.placed(at, () => requireQuantity(text, fieldText(at)))
  return nano < 0n ? reader.fail(at, `"${text}" is below 0`) : text
}
