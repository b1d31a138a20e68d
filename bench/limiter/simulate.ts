import type { Controller, ControllerKind } from './controllers.ts';
import type { Scenario } from './scenarios.ts';

export interface Score {
  /** Admitted over what was possible. */
  readonly used: number;
  /** Throttled over all answers. */
  readonly throttled: number;
  /** The admitted calls of the client that got fewest, over an equal share. */
  readonly least: number;
  /** The same of the one that got most. */
  readonly most: number;
}

type Event =
  | { readonly kind: 'arrive'; readonly client: Client; readonly sentAtMs: number }
  | {
      readonly kind: 'answer';
      readonly client: Client;
      readonly sentAtMs: number;
      readonly admitted: boolean;
    }
  | { readonly kind: 'look'; readonly client: Client };

interface Client {
  readonly controller: Controller;
  inFlight: number;
  admitted: number;
  lookAtMs: number;
}

/** Plays one scenario: clients that always have something to send, a round trip of 80 to 120 ms. */
export function simulate(scenario: Scenario, kind: ControllerKind, seed = 1): Score {
  const chance = seeded(seed);
  const server = scenario.server(chance);
  const perMinute = scenario.publishedPerMinute;
  const queue = createAgenda<Event>();
  const clients: Client[] = Array.from({ length: kind.clients }, () => ({
    controller: kind.create(perMinute, chance),
    inFlight: 0,
    admitted: 0,
    lookAtMs: Number.POSITIVE_INFINITY,
  }));
  let throttled = 0;
  let answers = 0;

  const send = (client: Client, nowMs: number) => {
    while (client.inFlight < kind.concurrency) {
      const readyAtMs = client.controller.readyAtMs(nowMs);
      if (readyAtMs > nowMs) {
        if (readyAtMs < Number.POSITIVE_INFINITY && readyAtMs !== client.lookAtMs) {
          client.lookAtMs = readyAtMs;
          queue.add(readyAtMs, { kind: 'look', client });
        }
        return;
      }
      client.controller.sent(nowMs);
      client.inFlight += 1;
      queue.add(nowMs + 40 + 20 * chance(), { kind: 'arrive', client, sentAtMs: nowMs });
    }
  };
  clients.forEach((client, index) => {
    queue.add(index * 137, { kind: 'look', client });
  });

  for (let next = queue.take(); next !== undefined && next.atMs < scenario.lengthMs; next = queue.take()) {
    const { atMs, event } = next;
    if (event.kind === 'arrive') {
      const admitted = server.admit(atMs);
      queue.add(atMs + 40 + 20 * chance(), { ...event, kind: 'answer', admitted });
      continue;
    }
    if (event.kind === 'answer') {
      answers += 1;
      if (event.admitted) event.client.admitted += 1;
      else throttled += 1;
      event.client.inFlight -= 1;
      event.client.controller.answered(atMs, event.sentAtMs, !event.admitted);
    }
    send(event.client, atMs);
  }
  const admitted = clients.reduce((sum, client) => sum + client.admitted, 0);
  const shares = clients.map((client) => (client.admitted * clients.length) / admitted);
  return {
    used: admitted / scenario.possible,
    throttled: throttled / answers,
    least: Math.min(...shares),
    most: Math.max(...shares),
  };
}

/** Events in the order of time, then of their adding: a binary heap. */
function createAgenda<T>() {
  const heap: { readonly atMs: number; readonly order: number; readonly event: T }[] = [];
  let order = 0;
  const before = (a: number, b: number) => {
    const left = heap[a]!;
    const right = heap[b]!;
    return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
  };
  const swap = (a: number, b: number) => {
    const kept = heap[a]!;
    heap[a] = heap[b]!;
    heap[b] = kept;
  };
  const sink = () => {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      let least = at;
      if (left < heap.length && before(left, least)) least = left;
      if (left + 1 < heap.length && before(left + 1, least)) least = left + 1;
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  };
  return {
    add(atMs: number, event: T) {
      heap.push({ atMs, order: order++, event });
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (!before(at, parent)) return;
        swap(at, parent);
        at = parent;
      }
    },
    take() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length > 0) {
        heap[0] = last;
        sink();
      }
      return first;
    },
  };
}

/** Mulberry32: the same seed, the same course. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
