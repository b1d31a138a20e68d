output "env" {
  description = "What s.yaml reads: terraform -chdir=deploy output -raw env > .env"
  value       = <<-EOT
    TAGSWEEP_DEPLOY_ACCOUNT_ID=${data.alicloud_account.this.id}
    TAGSWEEP_DEPLOY_REGION=${var.region}
    TAGSWEEP_DEPLOY_FUNCTION=${var.function_name}
    TAGSWEEP_DEPLOY_ROLE=${alicloud_ram_role.function.role_name}
    TAGSWEEP_DEPLOY_LOG_PROJECT=${alicloud_log_project.this.project_name}
    TAGSWEEP_DEPLOY_LOG_STORE=${alicloud_log_store.audit.logstore_name}
    TAGSWEEP_DEPLOY_PLATFORM_LOG_STORE=${alicloud_log_store.platform.logstore_name}
    TAGSWEEP_DEPLOY_POLICIES_BUCKET=${var.policies_bucket}
    TAGSWEEP_DEPLOY_POLICIES_PATH=${var.policies_path}
  EOT
}

output "failure_queue" {
  value = alicloud_message_service_queue.failures.queue_name
}
