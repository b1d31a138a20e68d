#!/usr/bin/env bash
# Applies the policies that the comment on a merged pull request names, each only if its plan is the reviewed one. The
# comment gives no right of its own: whatever it says, nothing goes but what the merged policy removes.
set -euo pipefail
[[ "$PULL" =~ ^[0-9]+$ ]] || { echo "::error::apply: give the number of a pull request"; exit 2; }
body="$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$PULL/comments" \
  --jq '.[] | select(.user.type == "Bot" and (.body | startswith("<!-- tagsweep-diff -->"))) | .body')"
failed=0
while read -r policy digest; do
  echo "::group::apply $policy under $digest"
  $TAGSWEEP apply "$policy" --policies-dir "$POLICIES" --plan-digest "$digest" --yes || failed=1
  echo "::endgroup::"
done < <(sed -nE 's/^<!-- tagsweep-apply ([a-z0-9][a-z0-9-]{0,62}) (sha256:[0-9a-f]{64}) -->$/\1 \2/p' <<< "$body")
exit "$failed"
