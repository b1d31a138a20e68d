#!/usr/bin/env bash
# Writes tagsweep-diff.md: what the change would remove, and the digests under which a merge applies it.
set -euo pipefail
page="$RUNNER_TEMP/tagsweep-diff.md"
words=(--base "$BASE" --policies-dir "$POLICIES")
if [[ -n "${FLEET:-}" ]]; then words+=(--fleet "$FLEET"); fi
$TAGSWEEP diff "${words[@]}" --format markdown > "$page"

# A digest is of a plan for an account: with a saved fleet there is none.
if [[ -z "${FLEET:-}" ]]; then
  $TAGSWEEP diff "${words[@]}" --json > "$RUNNER_TEMP/tagsweep-diff.json"
  applied="$(node --print '
    JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
      .changes.filter(({ after }) => after?.mode === "apply").map(({ policy }) => policy).join("\n")' "$RUNNER_TEMP/tagsweep-diff.json")"
  while read -r policy; do
    [[ -n "$policy" ]] || continue
    plan="$RUNNER_TEMP/tagsweep-plan-$policy.json"
    $TAGSWEEP plan "$policy" --policies-dir "$POLICIES" --out "$plan" > /dev/null
    digest="$(node --print 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).digest' "$plan")"
    printf '\nA merge applies <code>%s</code> if its plan is still <code>%s</code>.\n<!-- tagsweep-apply %s %s -->\n' \
      "$policy" "$digest" "$policy" "$digest" >> "$page"
  done <<< "$applied"
fi
if [[ -n "${GITHUB_STEP_SUMMARY:-}" ]]; then cat "$page" >> "$GITHUB_STEP_SUMMARY"; fi
