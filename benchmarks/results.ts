/** What a measurement leaves behind. */
import type { Client } from "./clients.ts"
import type { Measured } from "./measure.ts"

export interface Results {
  readonly node: string
  readonly cores: number
  readonly versions: { readonly [name: string]: string }
  readonly requests: number
  readonly warmUp: number
  readonly rounds: number
  readonly cells: ReadonlyArray<Cell>
  readonly firstProgram: { readonly load: ReadonlyArray<number>; readonly bytes: number; readonly modules: number }
}

/** A client with so many requests at a time. */
export interface Cell {
  readonly client: Client
  readonly concurrency: number
  /** One for each round. */
  readonly samples: ReadonlyArray<Sample>
}

export interface Sample extends Measured {
  /** Its processor time, divided by the mean of the bare client's just before and just after it. */
  readonly ratio: number
}
