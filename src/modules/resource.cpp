// resource: limits on what the process may use, and what it has used.

#include <sys/resource.h>
#include <unistd.h>

#include <climits>

#include "modules/posix/posix.h"

namespace dx {

namespace {

const StructField usage_fields[] = {{"ru_utime", "user time used"},
                                    {"ru_stime", "system time used"},
                                    {"ru_maxrss", "max. resident set size"},
                                    {"ru_ixrss", "shared memory size"},
                                    {"ru_idrss", "unshared data size"},
                                    {"ru_isrss", "unshared stack size"},
                                    {"ru_minflt", "page faults not requiring I/O"},
                                    {"ru_majflt", "page faults requiring I/O"},
                                    {"ru_nswap", "number of swap outs"},
                                    {"ru_inblock", "block input operations"},
                                    {"ru_oublock", "block output operations"},
                                    {"ru_msgsnd", "IPC messages sent"},
                                    {"ru_msgrcv", "IPC messages received"},
                                    {"ru_nsignals", "signals received"},
                                    {"ru_nvcsw", "voluntary context switches"},
                                    {"ru_nivcsw", "involuntary context switches"}};
StructSequence struct_rusage{"resource.struct_rusage", "struct_rusage: Result from getrusage.",
                             usage_fields, 16};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

AnyResult resource_getrusage(Thread& thread, int who) {
  rusage usage;
  if (::getrusage(who, &usage) != 0) {
    if (errno == EINVAL) return raise<ValueError>(thread, "invalid who parameter");
    return raise_os_error(thread, errno);
  }
  Value fields[16] = {double_to_value(thread, seconds(usage.ru_utime)),
                      double_to_value(thread, seconds(usage.ru_stime))};
  const long counts[] = {usage.ru_maxrss,  usage.ru_ixrss,  usage.ru_idrss,  usage.ru_isrss,
                         usage.ru_minflt,  usage.ru_majflt, usage.ru_nswap,  usage.ru_inblock,
                         usage.ru_oublock, usage.ru_msgsnd, usage.ru_msgrcv, usage.ru_nsignals,
                         usage.ru_nvcsw,   usage.ru_nivcsw};
  for (size_t i = 0; i < std::size(counts); ++i) fields[2 + i] = small_int(counts[i]);
  return structseq_create(thread, struct_rusage, fields);
}

Result<void> check_resource(Thread& thread, int resource) {
  if (resource < 0 || resource >= static_cast<int>(RLIM_NLIMITS))
    return raise<ValueError>(thread, "invalid resource specified");
  return {};
}

// RLIM_INFINITY is -1 in Python.
AnyResult limit_value(Thread& thread, rlim_t limit) {
  if (limit == RLIM_INFINITY) return AnyRef::adopt(small_int(-1));
  return int_from_u64(thread, limit);
}
AnyResult limits_value(Thread& thread, const rlimit& limits) {
  AnyRef soft = TRY(limit_value(thread, limits.rlim_cur)),
         hard = TRY(limit_value(thread, limits.rlim_max));
  return tuple_of(thread, {soft.value(), hard.value()});
}
Result<rlim_t> limit_from(Thread& thread, Any value) {
  AnyRef number = TRY(to_index(thread, value));
  Word word;
  if (int_to_word(number.value(), word)) {
    if (word == -1) return RLIM_INFINITY;
    if (word < 0) return raise<ValueError>(thread, "Cannot convert negative int");
    return static_cast<rlim_t>(word);
  }
  if (int_sign(number.value()) < 0) return raise<ValueError>(thread, "Cannot convert negative int");
  if (int_bit_length(number.value()) > 64)
    return raise<OverflowError>(thread, "Python int too large to convert to C rlim_t");
  return static_cast<rlim_t>(int_u64_mask(number.value()));
}
Result<rlimit> limits_from(Thread& thread, Any limits) {
  AnyRef pair = TRY(sequence_tuple(thread, limits));
  Borrowed<Tuple> items(pair.value());
  if (items->size != 2) return raise<ValueError>(thread, "expected a tuple of 2 integers");
  rlimit result;
  result.rlim_cur = TRY(limit_from(thread, items->item(0)));
  result.rlim_max = TRY(limit_from(thread, items->item(1)));
  return result;
}
Result<void> limit_error(Thread& thread) {
  if (errno == EINVAL) return raise<ValueError>(thread, "current limit exceeds maximum limit");
  if (errno == EPERM) return raise<ValueError>(thread, "not allowed to raise maximum limit");
  return raise_os_error(thread, errno);
}

AnyResult resource_getrlimit(Thread& thread, int resource) {
  TRY(check_resource(thread, resource));
  rlimit limits;
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limits) != 0)
    return raise_os_error(thread, errno);
  return limits_value(thread, limits);
}
Result<void> resource_setrlimit(Thread& thread, int resource, Any limits) {
  TRY(check_resource(thread, resource));
  TRY(audit(thread, "resource.setrlimit", {small_int(resource), limits.value()}));
  rlimit wanted = TRY(limits_from(thread, limits));
  if (::setrlimit(static_cast<__rlimit_resource>(resource), &wanted) != 0)
    return limit_error(thread);
  return {};
}
AnyResult resource_prlimit(Thread& thread, int pid, int resource, Any limits) {
  TRY(check_resource(thread, resource));
  TRY(audit(thread, "resource.prlimit", {small_int(pid), small_int(resource), limits.value()}));
  rlimit old, wanted;
  bool set = !limits.is_none();
  if (set) wanted = TRY(limits_from(thread, limits));
  if (::prlimit(pid, static_cast<__rlimit_resource>(resource), set ? &wanted : nullptr, &old) !=
      0) {
    if (errno == EINVAL) return raise<ValueError>(thread, "current limit exceeds maximum limit");
    return raise_os_error(thread, errno);
  }
  return limits_value(thread, old);
}
Word resource_getpagesize(Thread&) { return sysconf(_SC_PAGESIZE); }

Result<void> resource_initialize(Thread& thread, Borrowed<Module> module) {
  TRY(structseq_ready(thread, struct_rusage));
  TRY(module_set(thread, module, "struct_rusage",
                 Any(Value(static_cast<Object*>(struct_rusage.type.type)))));
  return module_set(thread, module, "error", Any(Value(EXCEPTION(OSError))));
}

constexpr Method resource_functions[] = {
    function<resource_getrusage>("getrusage(who, /)",
                                 "What the process, its children or its threads have used."),
    function<resource_getrlimit>("getrlimit(resource, /)",
                                 "The soft and the hard limit of the resource."),
    function<resource_prlimit>("prlimit(pid, resource, limits=None, /)",
                               "The limits of another process, which are also set."),
    function<resource_setrlimit>("setrlimit(resource, limits, /)",
                                 "Set the soft and the hard limit."),
    function<resource_getpagesize>("getpagesize()", "The number of bytes in a page of memory."),
};
constexpr ModuleConstant resource_constants[] = {constant("RLIM_INFINITY", -1),
                                                 constant("RUSAGE_SELF", RUSAGE_SELF),
                                                 constant("RUSAGE_CHILDREN", RUSAGE_CHILDREN),
                                                 constant("RUSAGE_THREAD", RUSAGE_THREAD),
#define LIMIT(name) constant(#name, name)
                                                 LIMIT(RLIMIT_CPU),
                                                 LIMIT(RLIMIT_FSIZE),
                                                 LIMIT(RLIMIT_DATA),
                                                 LIMIT(RLIMIT_STACK),
                                                 LIMIT(RLIMIT_CORE),
                                                 LIMIT(RLIMIT_NOFILE),
                                                 LIMIT(RLIMIT_OFILE),
                                                 LIMIT(RLIMIT_AS),
                                                 LIMIT(RLIMIT_RSS),
                                                 LIMIT(RLIMIT_NPROC),
                                                 LIMIT(RLIMIT_MEMLOCK),
                                                 LIMIT(RLIMIT_MSGQUEUE),
                                                 LIMIT(RLIMIT_NICE),
                                                 LIMIT(RLIMIT_RTPRIO),
                                                 LIMIT(RLIMIT_RTTIME),
                                                 LIMIT(RLIMIT_SIGPENDING)
#undef LIMIT
};

}  // namespace

extern const ModuleSpec resource_module{
    .name = "resource",
    .doc = "Limits on what a process may use, and what it has used.",
    .functions = resource_functions,
    .constants = resource_constants,
    .initialize = resource_initialize};

}  // namespace dx
