import type { Taint } from '../../api/types.generated.ts'
import type { ActionSource } from '../../scenario/action.ts'

/** What an action that is done at once does, besides its verb and what it is about: which taint, how many replicas. */
export function actionDetail(action: ActionSource): string | undefined {
  switch (action.verb) {
    case 'scale':
      return `${action.replicas} replica${action.replicas === 1 ? '' : 's'}`
    case 'setImage':
      return Object.entries(action.images)
        .map(([container, image]) => `${container}=${image}`)
        .join(', ')
    case 'taint':
      return taintText(action.taint)
    case 'untaint':
      return action.effect === undefined ? action.key : `${action.key}:${action.effect}`
    default:
      return undefined
  }
}

/** As kubectl taint takes it. */
function taintText({ key, value = '', effect }: Taint): string {
  return `${key}${value === '' ? '' : `=${value}`}:${effect}`
}
