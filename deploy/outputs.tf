locals {
  mounted = var.policies_bucket != ""
  mounts = local.mounted ? [{
    bucketName = var.policies_bucket
    bucketPath = var.policies_path
    endpoint   = "https://oss-${var.region}-internal.aliyuncs.com"
    mountDir   = "/mnt/policies"
    readOnly   = true
  }] : []

  # What the deployment reads: all of it, so that writing the file anew forgets nothing.
  deployment = {
    ACCOUNT_ID         = data.alicloud_account.this.id
    REGION             = var.region
    FUNCTION           = var.function_name
    ROLE               = alicloud_ram_role.function.role_name
    LOG_PROJECT        = alicloud_log_project.this.project_name
    LOG_STORE          = alicloud_log_store.audit.logstore_name
    PLATFORM_LOG_STORE = alicloud_log_store.platform.logstore_name
    POLICY             = var.policy
    EVENT_POLICY       = var.event_policy
    MODE               = var.mode
    SCHEDULE           = var.schedule
    TIME_ZONE          = var.time_zone
    TIMER              = var.timer
    POLICIES_DIR       = local.mounted ? "/mnt/policies" : "/code/policies"
    POLICIES_MOUNTS    = jsonencode(local.mounts)
  }

  # What `npx tagsweep plan|undo|history --env .env` reads.
  command_line = {
    REGION      = var.region
    LOG_PROJECT = alicloud_log_project.this.project_name
    LOG_STORE   = alicloud_log_store.audit.logstore_name
  }
}

output "env" {
  description = "What s.yaml and the command line read: terraform -chdir=deploy output -raw env > .env"
  value = join("", concat(
    [for name, value in local.deployment : "TAGSWEEP_DEPLOY_${name}='${value}'\n"],
    [for name, value in local.command_line : "TAGSWEEP_${name}='${value}'\n"],
  ))
}

output "failure_queue" {
  description = "Where invocations and events that failed for good wait."
  value       = alicloud_message_service_queue.failures.queue_name
}
