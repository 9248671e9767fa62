// What the language has and dx-py does not have yet. Each raises an error that names it; a file of its own replaces the line
// when the feature comes.

#include "objects/async_generator.h"

namespace dx {

namespace {
Raised missing(Thread& thread, const char* what) { return raise<NotImplementedError>(thread, "dx-py: {} are not there yet", what); }
}  // namespace

AnyResult async_generator_wrap(Thread& thread, Any) { return missing(thread, "async generators"); }

extern const Layout generator_layout;
const TypeSpec async_generator_spec{.name = "async_generator", .flags = kTypeDisallowNew | kTypeWeakrefable, .shape_flags = kShapeGenerator,
                                    .layout = &generator_layout};

}  // namespace dx
