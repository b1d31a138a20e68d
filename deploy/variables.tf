variable "region" {
  description = "Where the function and its logs live; it may clean up any region."
  type        = string
  default     = "cn-hangzhou"
}

variable "log_project" {
  description = "Name of the log project, unique among all accounts: lower case, digits and hyphens, 3 to 63."
  type        = string
}

variable "log_store" {
  description = "The store of the audit records."
  type        = string
  default     = "tagsweep"
}

variable "platform_log_store" {
  description = "The store of what the function prints and of its request metrics."
  type        = string
  default     = "tagsweep-platform"
}

variable "audit_retention_days" {
  description = "How long a run can be looked up and undone; also how long removed values are kept."
  type        = number
  default     = 180
}

variable "function_name" {
  type    = string
  default = "tagsweep"
}

variable "role_name" {
  description = "Lower case: the fc3 component lowers the role's ARN."
  type        = string
  default     = "tagsweep-function"

  validation {
    condition     = var.role_name == lower(var.role_name)
    error_message = "The role's name must be in lower case, because the fc3 component lowers it."
  }
}

variable "allow_apply" {
  description = "Lets the function's role remove and restore tags. Leave it false until a dry run has been reviewed."
  type        = bool
  default     = false
}

variable "policies_bucket" {
  description = "OSS bucket that holds the policies, when they are not packed with the function; empty: packed."
  type        = string
  default     = ""
}

variable "policies_path" {
  description = "The folder of the policies in that bucket."
  type        = string
  default     = "/tagsweep"
}

variable "alarm_action_policy" {
  description = "Id of the log service's action policy that alarms go to; empty: no alarms."
  type        = string
  default     = ""
}

variable "alarm_tags_removed" {
  description = "A run that removes more tags than this raises an alarm."
  type        = number
  default     = 10000
}
