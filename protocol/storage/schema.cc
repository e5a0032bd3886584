// SPDX-License-Identifier: Apache-2.0
#include "protocol/storage/schema.h"

#include <algorithm>
#include <array>

namespace cassia::storage {
namespace {

using enum ValueType;

constexpr Parameter disk{
    .name = "disk", .required = true, .doc = "the disk's id, as disk.list tells it"};
constexpr Parameter image{
    .name = "image", .required = true, .doc = "path of the image, relative to the storage root"};
constexpr Parameter target{
    .name = "target",
    .required = true,
    .doc = "path of the new image, relative to the storage root; it must not exist"};
constexpr Parameter target_format{.name = "format",
                                  .choices = "qcow2|raw",
                                  .fallback = "qcow2",
                                  .flag = "-O",
                                  .doc = "format of the new image"};
constexpr Parameter compress{.name = "compress",
                             .type = boolean,
                             .fallback = "false",
                             .flag = "-c",
                             .doc = "compress the new image (qcow2 only)"};
constexpr Parameter snapshot_to_delete{
    .name = "name", .required = true, .flag = "-d", .doc = "name of the snapshot"};
constexpr Parameter job{.name = "job", .required = true, .doc = "the job's id"};

constexpr std::array attach_parameters{
    image,
    Parameter{.name = "format",
              .choices = "raw|qcow2",
              .fallback = "found by looking at the image",
              .flag = "-f",
              .doc = "format of the image"},
    Parameter{.name = "bus",
              .choices = "auto|virtio|scsi",
              .fallback = "auto",
              .flag = "--bus",
              .doc = "virtio: a virtio-blk device in a free hot-plug slot; scsi: a disk on a "
                     "virtio-scsi controller that the VM has; auto: the first of them that works"},
    Parameter{.name = "read_only",
              .type = boolean,
              .fallback = "false",
              .flag = "--read-only",
              .doc = "the guest cannot write to it"},
    Parameter{.name = "id",
              .fallback = "chosen by the gateway",
              .flag = "--id",
              .doc = "id of the new disk: a letter, then at most 18 letters, digits, '-' or '_'"},
};
constexpr std::array detach_parameters{
    disk,
    Parameter{.name = "wait",
              .type = integer,
              .fallback = "5",
              .flag = "--wait",
              .doc = "seconds (0 to 60) to wait for the guest before answering \"detach pending\""},
};
constexpr std::array snapshot_create_parameters{
    Parameter{.name = "name", .required = true, .flag = "-c", .doc = "name of the snapshot"},
    disk,
    Parameter{.name = "kind",
              .choices = "internal|overlay",
              .fallback = "internal",
              .flag = "--kind",
              .doc =
                  "internal: inside the qcow2 image; overlay: the image stays as it is and the VM "
                  "goes on in a new qcow2 image on top of it"},
    Parameter{.name = "target",
              .fallback = "DISK-NAME.qcow2 in the folder of the disk's image",
              .flag = "--target",
              .doc = "kind overlay: path of the new image, relative to the storage root"},
};
constexpr std::array snapshot_list_parameters{
    Parameter{.name = "disk", .required = true, .flag = "-l", .doc = disk.doc}};
constexpr std::array snapshot_delete_parameters{snapshot_to_delete, disk};
constexpr std::array convert_parameters{disk, target, target_format, compress};
constexpr std::array image_list_parameters{Parameter{
    .name = "folder", .fallback = "the whole root", .doc = "only images below this folder"}};
constexpr std::array image_show_parameters{image};
constexpr std::array image_convert_parameters{image, target, target_format, compress};
constexpr std::array job_parameters{job};

constexpr std::array vm_fields{
    Field{.name = "name", .title = "VM", .doc = "name of the VM, empty if it has none"},
    Field{.name = "connected", .type = boolean, .title = "CONNECTED", .doc = "QMP works now"},
    Field{.name = "status",
          .title = "STATUS",
          .doc = "QEMU's run state: running, paused, prelaunch, ..."},
    Field{.name = "machine", .title = "MACHINE", .doc = "QEMU's machine type"},
    Field{.name = "qemu", .title = "QEMU", .doc = "QEMU's version"},
    Field{.name = "problem", .title = "PROBLEM", .doc = "why QMP does not work; empty if it does"},
};
constexpr std::array disk_fields{
    Field{.name = "id", .title = "DISK", .doc = "what other verbs call it"},
    Field{
        .name = "state", .title = "STATE", .doc = "attached, detach pending, or empty (no medium)"},
    Field{.name = "bus", .title = "BUS", .doc = "virtio, scsi, ide, usb, nvme, floppy or other"},
    Field{.name = "device", .title = "", .doc = "QEMU's name of the block backend, or empty"},
    Field{.name = "qdev", .title = "", .doc = "QEMU's path of the device"},
    Field{.name = "node", .title = "", .doc = "QEMU's name of the top block node"},
    Field{.name = "format", .title = "FORMAT", .doc = "format of the image"},
    Field{.name = "virtual_size",
          .type = integer,
          .title = "SIZE",
          .bytes = true,
          .doc = "bytes the guest sees"},
    Field{.name = "actual_size",
          .type = integer,
          .title = "USED",
          .bytes = true,
          .doc = "bytes on the host's disk"},
    Field{.name = "snapshots",
          .type = integer,
          .title = "SNAPSHOTS",
          .doc = "number of internal snapshots"},
    Field{.name = "removable",
          .type = boolean,
          .title = "",
          .doc = "a drive whose medium can change"},
    Field{.name = "read_only", .type = boolean, .title = "", .doc = "the guest cannot write to it"},
    Field{.name = "image",
          .title = "IMAGE",
          .doc = "path below the storage root; of an image elsewhere the file name alone"},
    Field{.name = "in_root",
          .type = boolean,
          .title = "",
          .doc = "the image lies below the storage root"},
    Field{.name = "chain",
          .title = "",
          .doc = "the images below it, nearest first (a list of paths)"},
};
constexpr std::array snapshot_fields{
    Field{.name = "name", .title = "NAME", .doc = "its name"},
    Field{
        .name = "id", .title = "ID", .doc = "number of an internal snapshot; empty for an overlay"},
    Field{.name = "kind", .title = "KIND", .doc = "internal or overlay"},
    Field{.name = "disk", .title = "DISK", .doc = "the disk it belongs to"},
    Field{.name = "image", .title = "IMAGE", .doc = "image that holds the content of that moment"},
    Field{.name = "date",
          .type = integer,
          .title = "",
          .doc = "seconds since 1970, UTC; 0: not known"},
    Field{.name = "vm_state_size",
          .type = integer,
          .title = "VM STATE",
          .bytes = true,
          .doc = "bytes of memory saved with it"},
};
constexpr std::array image_fields{
    Field{.name = "image", .title = "IMAGE", .doc = "path below the storage root"},
    Field{.name = "format", .title = "FORMAT", .doc = "found by looking at it"},
    Field{.name = "virtual_size",
          .type = integer,
          .title = "SIZE",
          .bytes = true,
          .doc = "bytes a guest sees"},
    Field{.name = "actual_size",
          .type = integer,
          .title = "USED",
          .bytes = true,
          .doc = "bytes on the host's disk"},
    Field{.name = "snapshots",
          .type = integer,
          .title = "SNAPSHOTS",
          .doc = "number of internal snapshots"},
    Field{.name = "backing", .title = "BACKING", .doc = "image below it, as its header names it"},
    Field{.name = "problem", .title = "PROBLEM", .doc = "why it cannot be opened; empty if it can"},
};
constexpr std::array job_fields{
    Field{.name = "id", .title = "JOB", .doc = "what other verbs call it"},
    Field{.name = "verb", .title = "VERB", .doc = "the verb that began it"},
    Field{.name = "subject", .title = "SUBJECT", .doc = "the disk or image it works on"},
    Field{.name = "target", .title = "TARGET", .doc = "the image it makes"},
    Field{.name = "owner", .title = "OWNER", .doc = "who began it"},
    Field{.name = "state", .title = "STATE", .doc = "running, paused, done, failed or canceled"},
    Field{.name = "done",
          .type = integer,
          .title = "",
          .doc = "work done, in the job's own units (bytes, mostly)"},
    Field{.name = "total", .type = integer, .title = "", .doc = "work in all; 0: not known yet"},
    Field{.name = "percent", .type = integer, .title = "PERCENT", .doc = "done of total, 0 to 100"},
    Field{.name = "started", .type = integer, .title = "", .doc = "milliseconds since 1970, UTC"},
    Field{.name = "ended",
          .type = integer,
          .title = "",
          .doc = "milliseconds since 1970, UTC; 0: not yet"},
    Field{.name = "error", .title = "ERROR", .doc = "why it failed"},
    Field{.name = "error_kind", .title = "", .doc = "kind of the error, as in an error answer"},
};
constexpr std::array detach_fields{
    Field{.name = "disk", .title = "DISK", .doc = "the disk"},
    Field{.name = "state",
          .title = "STATE",
          .doc = "detached, or detach pending: the guest has not let go of it yet"},
};
constexpr std::array done_fields{
    Field{.name = "done",
          .type = boolean,
          .title = "DONE",
          .doc = "always true: a failure is an error answer"},
};
constexpr std::array schema_fields{
    Field{.name = "name", .title = "VERB", .doc = "name of the verb"},
    Field{.name = "summary", .title = "SUMMARY", .doc = "what it does"},
    Field{.name = "right", .title = "RIGHT", .doc = "what the caller's ticket must allow"},
    Field{.name = "danger", .title = "DANGER", .doc = "reads, changes or destroys"},
    Field{.name = "parameters",
          .title = "",
          .doc = "list of {name, type, required, choices, fallback, doc}"},
    Field{.name = "result",
          .title = "",
          .doc = "name of the result's record; a list if `list` is true"},
    Field{.name = "list",
          .type = boolean,
          .title = "",
          .doc = "the result is a list of such records"},
};

constexpr Record vm_record{"Vm", vm_fields};
constexpr Record disk_record{"Disk", disk_fields};
constexpr Record snapshot_record{"Snapshot", snapshot_fields};
constexpr Record image_record{"Image", image_fields};
constexpr Record job_record{"Job", job_fields};
constexpr Record detach_record{"Detach", detach_fields};
constexpr Record done_record{"Done", done_fields};
constexpr Record schema_record{"Verb", schema_fields};
constexpr std::array all_records{&vm_record,  &disk_record,   &snapshot_record, &image_record,
                                 &job_record, &detach_record, &done_record,     &schema_record};

constexpr std::array all_verbs{
    Verb{.name = "vm.show",
         .command = "vm",
         .summary = "What is known of the VM and of the connection to it",
         .result = &vm_record},
    Verb{.name = "disk.list",
         .command = "list",
         .summary = "The disks of the VM",
         .result = &disk_record,
         .list = true},
    Verb{.name = "disk.attach",
         .command = "attach",
         .summary = "Give the running VM another disk",
         .right = Right::attach,
         .danger = Danger::changes,
         .parameters = attach_parameters,
         .result = &disk_record},
    Verb{.name = "disk.detach",
         .command = "detach",
         .summary = "Take a disk away from the running VM; the image stays",
         .right = Right::attach,
         .danger = Danger::changes,
         .parameters = detach_parameters,
         .result = &detach_record},
    Verb{.name = "disk.snapshot.create",
         .command = "snapshot -c",
         .summary = "Keep the disk's content of this moment",
         .right = Right::manage,
         .danger = Danger::changes,
         .parameters = snapshot_create_parameters,
         .result = &snapshot_record},
    Verb{.name = "disk.snapshot.list",
         .command = "snapshot -l",
         .summary = "The snapshots of a disk, oldest first; an overlay's name is its image's",
         .parameters = snapshot_list_parameters,
         .result = &snapshot_record,
         .list = true},
    Verb{.name = "disk.snapshot.delete",
         .command = "snapshot -d",
         .summary = "Forget an internal snapshot of a disk",
         .right = Right::manage,
         .danger = Danger::destroys,
         .parameters = snapshot_delete_parameters,
         .result = &done_record},
    Verb{.name = "disk.convert",
         .command = "convert",
         .summary = "Copy the disk as it is at this moment into a new image, while the VM runs",
         .right = Right::manage,
         .danger = Danger::changes,
         .parameters = convert_parameters,
         .result = &job_record},
    Verb{.name = "image.list",
         .command = "images",
         .summary = "The images below the storage root",
         .parameters = image_list_parameters,
         .result = &image_record,
         .list = true},
    Verb{.name = "image.show",
         .command = "image",
         .summary = "One image",
         .parameters = image_show_parameters,
         .result = &image_record},
    Verb{.name = "image.convert",
         .command = "convert-image",
         .summary = "Copy an image that is not in use into a new image",
         .right = Right::manage,
         .danger = Danger::changes,
         .parameters = image_convert_parameters,
         .result = &job_record},
    Verb{.name = "job.list",
         .command = "jobs",
         .summary = "The jobs that run and those that ended, oldest first",
         .result = &job_record,
         .list = true},
    Verb{.name = "job.show",
         .command = "job",
         .summary = "One job and how far it is",
         .parameters = job_parameters,
         .result = &job_record},
    Verb{.name = "job.cancel",
         .command = "cancel",
         .summary = "Stop a job; the image it was making is removed",
         .right = Right::manage,
         .danger = Danger::changes,
         .parameters = job_parameters,
         .result = &job_record},
    Verb{.name = "job.pause",
         .command = "pause",
         .summary = "Let a job rest",
         .right = Right::manage,
         .danger = Danger::changes,
         .parameters = job_parameters,
         .result = &job_record},
    Verb{.name = "job.resume",
         .command = "resume",
         .summary = "Let a paused job go on",
         .right = Right::manage,
         .danger = Danger::changes,
         .parameters = job_parameters,
         .result = &job_record},
    Verb{.name = "storage.describe",
         .command = "verbs",
         .summary = "This list of verbs",
         .right = Right::none,
         .result = &schema_record,
         .list = true},
};

}  // namespace

std::string_view to_string(Right right) {
  switch (right) {
    case Right::none:
      return "none";
    case Right::view:
      return "view";
    case Right::attach:
      return "attach";
    case Right::manage:
      return "manage";
  }
  return "none";
}

std::string_view to_string(ValueType type) {
  switch (type) {
    case text:
      return "text";
    case integer:
      return "integer";
    case boolean:
      return "boolean";
  }
  return "text";
}

std::string_view to_string(Danger danger) {
  switch (danger) {
    case Danger::reads:
      return "reads";
    case Danger::changes:
      return "changes";
    case Danger::destroys:
      return "destroys";
  }
  return "reads";
}

std::span<const Verb> verbs() { return all_verbs; }
std::span<const Record* const> records() { return all_records; }

const Verb* find_verb(std::string_view name) {
  const auto found = std::find_if(all_verbs.begin(), all_verbs.end(),
                                  [&](const Verb& verb) { return verb.name == name; });
  return found == all_verbs.end() ? nullptr : &*found;
}

}  // namespace cassia::storage
