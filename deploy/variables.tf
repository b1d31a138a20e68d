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
  description = "The function; what belongs to it is named after it, so that each region's function has a name of its own."
  type        = string
  default     = "tagsweep"
}

variable "role_name" {
  description = "The function's role; empty: the function's name with -function. Lower case: the fc3 component lowers the role's ARN."
  type        = string
  default     = ""

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

variable "policy" {
  description = "Policy of the timer and of requests that name none."
  type        = string
  default     = "strip-ci-markers"
}

variable "event_policy" {
  description = "Policy of creation events."
  type        = string
  default     = "misspelt-keys"
}

variable "mode" {
  description = "Of the timer: dry-run, or apply, which also needs a policy whose own mode is apply, and allow_apply."
  type        = string
  default     = "dry-run"

  validation {
    condition     = contains(["dry-run", "apply"], var.mode)
    error_message = "The mode is dry-run or apply."
  }
}

variable "schedule" {
  description = "When the timer fires: second, minute, hour, day, month, weekday."
  type        = string
  default     = "0 30 3 * * *"
}

variable "time_zone" {
  description = "The schedule's."
  type        = string
  default     = "Asia/Shanghai"
}

variable "timer" {
  description = "Whether the timer fires; false for a function of a further region, which is there for that region's events."
  type        = bool
  default     = true
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
