#pragma once
// What pwd and grp share: asking the C library's re-entrant look-ups with a buffer that grows, and
// walking a database, whose position belongs to the process: one walk at a time, under a lock.

#include <cstring>
#include <mutex>
#include <vector>

#include "modules/posix/posix.h"
#include "objects/codecs.h"
#include "objects/list.h"
#include "objects/str.h"

namespace dx {

template <class Entry>
struct KeptEntry {
  Entry entry;
  std::vector<char> buffer;  // its texts lie in here
};

// ask(entry, room, size, found) is getpwnam_r and its like for one key: 0 or an errno, ERANGE when
// the room is too small. Offline meanwhile: a database may be on another machine. Whether there is
// such an entry.
template <class Entry, class Ask>
Result<bool> ask_database(Thread& thread, KeptEntry<Entry>& kept, Ask ask) {
  constexpr size_t kMost = size_t{64} << 20;
  std::vector<char>& buffer = kept.buffer;
  for (buffer.resize(1024);; buffer.resize(buffer.size() * 2)) {
    int error;
    Entry* found = nullptr;
    {
      OfflineScope offline(thread);
      error = ask(&kept.entry, buffer.data(), buffer.size(), &found);
    }
    if (error == EINTR) {
      TRY(poll_signals(thread));
    } else if (error != ERANGE || buffer.size() >= kMost) {
      if (error == ENOMEM || error == ERANGE) return raise_memory_error(thread);
      return found != nullptr;
    }
  }
}

// Every entry. The walk is offline and runs no Python, so a thread that waits for its turn is
// offline, too, and nothing can ask for a second walk inside.
template <class Entry>
std::vector<KeptEntry<Entry>> walk_database(Thread& thread, std::mutex& walking, void (*open)(),
                                            int (*next)(Entry*, char*, size_t, Entry**),
                                            void (*close)()) {
  std::vector<KeptEntry<Entry>> all;
  OfflineScope offline(thread);
  std::lock_guard<std::mutex> guard(walking);
  open();
  KeptEntry<Entry> kept;
  for (kept.buffer.resize(1024);;) {
    Entry* found = nullptr;
    int error = next(&kept.entry, kept.buffer.data(), kept.buffer.size(), &found);
    if (error == ERANGE) {
      kept.buffer.resize(kept.buffer.size() * 2);  // the position stays at the entry
    } else if (found) {
      size_t room = kept.buffer.size();
      all.push_back(std::move(kept));
      kept.buffer.resize(room);
    } else if (error != EINTR) {
      break;
    }
  }
  close();
  return all;
}

// A name to look for, as the database has it.
inline Result<Ref<Bytes>> database_name(Thread& thread, Borrowed<Str> name) {
  Ref<Bytes> text = TRY(str_to_filesystem(thread, name));
  if (std::memchr(text->data(), 0, static_cast<size_t>(text->size)))
    return raise<ValueError>(thread, "embedded null byte");
  return text;
}

// A text of an entry, None where the database has none.
inline AnyResult database_text(Thread& thread, const char* text) {
  if (!text) return AnyRef::adopt(kNone);
  return str_from_filesystem(thread, text);
}

}  // namespace dx
