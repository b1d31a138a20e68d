# What the function needs around it: its role, its log project with two stores and an index, a queue for invocations that
# failed for good, and the alarms of alarms.json. `terraform -chdir=deploy output -raw env > .env` then feeds s.yaml.
terraform {
  required_version = ">= 1.3"
  required_providers {
    alicloud = {
      source  = "aliyun/alicloud"
      version = "1.289.0"
    }
  }
}

provider "alicloud" {
  region = var.region
}

data "alicloud_account" "this" {}

locals {
  # What the placeholders of policies/ram/*.json stand for.
  ram = {
    account     = data.alicloud_account.this.id
    region      = var.region
    function    = var.function_name
    role        = local.role_name
    log_project = var.log_project
    log_store   = var.log_store

    platform_log_store = var.platform_log_store
  }
  role_name = var.role_name == "" ? "${var.function_name}-function" : var.role_name

  # RAM keeps five versions of a policy and refuses the sixth, unless the oldest goes.
  rotate = "DeleteOldestNonDefaultVersionWhenLimitExceeded"

  index  = jsondecode(file("${path.module}/log-index.json"))
  board  = jsondecode(templatefile("${path.module}/dashboard.json", local.ram))
  alarms = jsondecode(templatefile("${path.module}/alarms.json", { alarm_tags_removed = var.alarm_tags_removed }))
}

# The function's role: it can list and record, and change no tag whatever a policy says.
resource "alicloud_ram_role" "function" {
  role_name                   = local.role_name
  description                 = "tagsweep: what the cleanup function may do"
  assume_role_policy_document = file("${path.module}/../policies/ram/function-trust.json")
}

resource "alicloud_ram_policy" "function" {
  policy_name     = local.role_name
  description     = "tagsweep: list ECI resources, keep the record"
  policy_document = templatefile("${path.module}/../policies/ram/function-dry-run.json", local.ram)
  rotate_strategy = local.rotate
  force           = true # takes its older versions away with it; RAM deletes no policy that has some
}

resource "alicloud_ram_role_policy_attachment" "function" {
  role_name   = alicloud_ram_role.function.role_name
  policy_name = alicloud_ram_policy.function.policy_name
  policy_type = alicloud_ram_policy.function.type
}

# The right to change tags is a policy of its own, and its attachment is the switch: to stop is to detach, which no number of
# versions can refuse, and which can be done in the console as well.
resource "alicloud_ram_policy" "changes" {
  policy_name     = "${local.role_name}-changes"
  description     = "tagsweep: remove and restore tags; attached to the role while allow_apply is true"
  policy_document = templatefile("${path.module}/../policies/ram/function-changes.json", local.ram)
  rotate_strategy = local.rotate
  force           = true
}

resource "alicloud_ram_role_policy_attachment" "changes" {
  count       = var.allow_apply ? 1 : 0
  role_name   = alicloud_ram_role.function.role_name
  policy_name = alicloud_ram_policy.changes.policy_name
  policy_type = alicloud_ram_policy.changes.type
}

# Only where the policies are kept in a bucket: the function reads them there, and writes nothing.
resource "alicloud_ram_policy" "policies_bucket" {
  count       = var.policies_bucket == "" ? 0 : 1
  policy_name = "${local.role_name}-policies"
  description = "tagsweep: read the policies from their bucket"

  rotate_strategy = local.rotate
  force           = true
  policy_document = templatefile("${path.module}/../policies/ram/policies-bucket.json", merge(local.ram, {
    policies_bucket = var.policies_bucket
    policies_path   = trim(var.policies_path, "/")
  }))
}

resource "alicloud_ram_role_policy_attachment" "policies_bucket" {
  count       = var.policies_bucket == "" ? 0 : 1
  role_name   = alicloud_ram_role.function.role_name
  policy_name = alicloud_ram_policy.policies_bucket[0].policy_name
  policy_type = alicloud_ram_policy.policies_bucket[0].type
}

# For people; attach them to users or groups of yours.
resource "alicloud_ram_policy" "people" {
  for_each        = toset(["reader", "operator", "deployer"])
  policy_name     = "${var.function_name}-${each.key}"
  description     = "tagsweep: for people, the ${each.key}"
  policy_document = templatefile("${path.module}/../policies/ram/${each.key}.json", local.ram)
  rotate_strategy = local.rotate
}

resource "alicloud_log_project" "this" {
  project_name = var.log_project
  description  = "tagsweep: audit records and the function's own output"
}

resource "alicloud_log_store" "audit" {
  project_name          = alicloud_log_project.this.project_name
  logstore_name         = var.log_store
  retention_period      = var.audit_retention_days
  shard_count           = 1
  auto_split            = true
  max_split_shard_count = 4
}

resource "alicloud_log_store" "platform" {
  project_name     = alicloud_log_project.this.project_name
  logstore_name    = var.platform_log_store
  retention_period = 30
  shard_count      = 1
}

resource "alicloud_log_store_index" "audit" {
  project  = alicloud_log_project.this.project_name
  logstore = alicloud_log_store.audit.logstore_name
  # How much of a field SQL sees; without it 2,048 bytes.
  max_text_len = local.index.max_text_len

  dynamic "field_search" {
    for_each = local.index.keys
    content {
      name             = field_search.key
      type             = field_search.value.type
      enable_analytics = field_search.value.doc_value
      case_sensitive   = try(field_search.value.caseSensitive, null)
      include_chinese  = try(field_search.value.chn, null)
      token            = try(join("", field_search.value.token), null)
    }
  }
}

resource "alicloud_log_store_index" "platform" {
  project  = alicloud_log_project.this.project_name
  logstore = alicloud_log_store.platform.logstore_name

  full_text {
    case_sensitive  = false
    include_chinese = false
    token           = " #$^*\r\n\t,;"
  }
}

resource "alicloud_log_dashboard" "this" {
  project_name   = alicloud_log_project.this.project_name
  dashboard_name = local.board.dashboardName
  display_name   = local.board.displayName
  attribute      = jsonencode(local.board.attribute)
  char_list      = jsonencode(local.board.charts)
}

# Invocations and events that failed for good wait here to be seen.
resource "alicloud_message_service_queue" "failures" {
  queue_name               = "${var.function_name}-failures"
  message_retention_period = 604800
}

# Each alarm of alarms.json, which `tagsweep setup` reads too. A query may look back 24 hours at the most; `threshold` is how many
# evaluations in a row must find its condition true.
resource "alicloud_log_alert" "this" {
  for_each          = var.alarm_action_policy == "" ? {} : local.alarms
  version           = "2.0"
  type              = "default"
  project_name      = alicloud_log_project.this.project_name
  alert_name        = "${var.function_name}-${each.key}"
  alert_displayname = each.value.title
  threshold         = each.value.threshold
  mute_until        = 0

  schedule {
    type     = "FixedRate"
    interval = each.value.every
  }

  dynamic "query_list" {
    for_each = each.value.queries
    content {
      store          = each.value.store == "platform" ? alicloud_log_store.platform.logstore_name : alicloud_log_store.audit.logstore_name
      store_type     = "log"
      project        = alicloud_log_project.this.project_name
      region         = var.region
      chart_title    = "${each.key}-${query_list.key}"
      time_span_type = "Custom"
      start          = query_list.value.start
      end            = query_list.value.end
      query          = query_list.value.query
    }
  }

  # Each query counts, and gives one row: side by side they are one row with a column of each.
  dynamic "join_configurations" {
    for_each = slice(each.value.queries, 1, length(each.value.queries))
    content {
      type      = "cross_join"
      condition = ""
    }
  }

  severity_configurations {
    severity = each.value.severity
    eval_condition = {
      condition       = each.value.condition
      count_condition = ""
    }
  }

  group_configuration {
    type = "no_group"
  }

  policy_configuration {
    alert_policy_id  = "sls.builtin.dynamic"
    action_policy_id = var.alarm_action_policy
    repeat_interval  = "4h"
  }

  annotations {
    key   = "title"
    value = each.value.title
  }
}
