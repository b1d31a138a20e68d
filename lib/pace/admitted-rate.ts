/** The rate of admitted calls over the last three seconds, in constant memory. */
export interface AdmittedRate {
  /** Marks the first call, so that a short past is not taken for a slow one. */
  begin(nowMs: number): void;
  add(nowMs: number): void;
  /** Calls a second. */
  perSecond(nowMs: number): number;
  beganAtMs(): number;
}

const BUCKET_MS = 100;
const BUCKETS = 30;

export function createAdmittedRate(): AdmittedRate {
  const counts = new Uint32Array(BUCKETS);
  let newest = Number.NEGATIVE_INFINITY;
  let begunAtMs = Number.NaN;

  const moveTo = (nowMs: number) => {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    const steps = Math.min(BUCKETS, bucket - newest);
    for (let step = 0; step < steps; step++) counts[(bucket - step) % BUCKETS] = 0;
    newest = Math.max(newest, bucket);
  };

  return {
    begin(nowMs) {
      if (Number.isNaN(begunAtMs)) begunAtMs = nowMs;
    },
    beganAtMs: () => begunAtMs,
    add(nowMs) {
      moveTo(nowMs);
      counts[newest % BUCKETS] = counts[newest % BUCKETS]! + 1;
    },
    perSecond(nowMs) {
      moveTo(nowMs);
      let total = 0;
      for (const count of counts) total += count;
      const spanMs = Math.min(BUCKET_MS * BUCKETS - BUCKET_MS / 2, nowMs - begunAtMs);
      return total / (Math.max(BUCKET_MS, spanMs) / 1000);
    },
  };
}
