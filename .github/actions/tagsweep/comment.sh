#!/usr/bin/env bash
# Replaces the comment of an earlier job on the pull request, or writes the first.
set -euo pipefail
[[ "$PULL" =~ ^[0-9]+$ ]] || { echo "::error::comment: give the number of a pull request"; exit 2; }
comments="repos/$GITHUB_REPOSITORY/issues/$PULL/comments"
own="$(gh api --paginate "$comments" \
  --jq '.[] | select(.user.type == "Bot" and (.body | startswith("<!-- tagsweep-diff -->"))) | .id' | head -n 1)"
if [[ -n "$own" ]]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$own" --field "body=@$RUNNER_TEMP/tagsweep-diff.md" > /dev/null
else
  gh api --method POST "$comments" --field "body=@$RUNNER_TEMP/tagsweep-diff.md" > /dev/null
fi
