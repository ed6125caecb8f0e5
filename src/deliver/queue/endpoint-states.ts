import { type EndpointState, isIdle, newEndpointState } from "./endpoint-state.ts";

export type EndpointStates = {
  /** The state of an endpoint, a new one where it is not known. */
  of(shard: number, endpointId: string): EndpointState;
  all(): Iterable<EndpointState>;
};

/** The states of the endpoints that this process knows. Beyond `statesMax`, those with nothing to do are forgotten. */
export function createEndpointStates(statesMax = 20_000): EndpointStates {
  const states = new Map<string, EndpointState>();
  return {
    of(shard, endpointId) {
      const known = states.get(endpointId);
      if (known) return known;
      if (states.size >= statesMax) for (const [id, state] of states) if (isIdle(state)) states.delete(id);
      const state = newEndpointState(shard, endpointId);
      states.set(endpointId, state);
      return state;
    },
    all: () => states.values(),
  };
}
