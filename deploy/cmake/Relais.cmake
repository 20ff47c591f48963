# One target per folder. Sources are globbed, so a file that exists is a file that is built. The presets have the files of a
# folder compiled several at a time, in a third of the time: no two of them may have a name in common, not even in unnamed
# namespaces.

add_library(relais_options INTERFACE)
target_include_directories(relais_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(relais_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  # std::stable_sort of libstdc++ 12 calls what the library itself has deprecated.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # What a file keeps to itself is not in the "main" file there.
  target_compile_options(relais_options INTERFACE -Wno-subobject-linkage)
endif()
target_compile_definitions(relais_options INTERFACE RELAIS_VERSION="${PROJECT_VERSION}")
target_link_libraries(relais_options INTERFACE Threads::Threads)

# A pure instrumentation setting: it must reach generated code and tests alike.
if(RELAIS_SANITIZE)
  add_compile_options(-fsanitize=${RELAIS_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${RELAIS_SANITIZE})
  if(RELAIS_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=all)
  endif()
  if(RELAIS_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # gcc 12 takes the value of an empty std::optional for read where only the thread sanitizer's calls stand between.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()
if(RELAIS_FUZZ)
  # What the fuzzer is to find its way through counts its branches: the product, not only the target.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# relais_library(name LIBS ...): a static library of every .cpp in the current folder.
function(relais_library name)
  cmake_parse_arguments(ARG "" "" "LIBS;EXCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(item ${ARG_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${item})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC relais_options ${ARG_LIBS})
endfunction()

# relais_program(name LIBS ... SOURCES ...): an executable in build/<preset>/bin.
function(relais_program name)
  cmake_parse_arguments(ARG "" "" "LIBS;SOURCES" ${ARGN})
  foreach(source ${ARG_SOURCES})
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source})
      message(WARNING "${name}: ${source} is missing")
      return()
    endif()
  endforeach()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE relais_options ${ARG_LIBS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

# relais_test(name KIND unit LIBS ...): one gtest program of every .cpp in the current folder, one ctest entry.
# Tests find the programs under RELAIS_BIN, the sources under RELAIS_SOURCE: relais_paths.h.
function(relais_test name)
  cmake_parse_arguments(ARG "" "KIND;TIMEOUT" "LIBS;DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    message(WARNING "${name}: no tests in ${CMAKE_CURRENT_SOURCE_DIR}")
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE relais_options GTest::gtest GTest::gmock GTest::gtest_main ${ARG_LIBS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 900)  # the store waits for the disk, and a machine may be busy
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_KIND} TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "ASAN_OPTIONS=detect_leaks=1:abort_on_error=0;UBSAN_OPTIONS=print_stacktrace=1")
endfunction()

# relais_python_tests(prefix KIND unit): one ctest entry, <prefix>_<file>, for each *_test.py in the current folder. The
# Python SDK is on the path (adapters/python), and so are the folders in PATHS. RELAIS_BUILD names the build folder.
function(relais_python_tests prefix)
  cmake_parse_arguments(ARG "" "KIND;TIMEOUT" "PATHS" ${ARGN})
  find_program(TEST_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 900)  # the store waits for the disk, and a machine may be busy
  endif()
  list(PREPEND ARG_PATHS ${PROJECT_BINARY_DIR}/python ${CMAKE_CURRENT_SOURCE_DIR})
  list(JOIN ARG_PATHS ":" paths)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.py)
  foreach(path ${tests})
    get_filename_component(stem ${path} NAME_WE)
    string(REGEX REPLACE "_test$" "" stem ${stem})
    add_test(NAME ${prefix}_${stem} COMMAND ${TEST_PYTHON} -B -m unittest -v ${path}
      WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set_tests_properties(${prefix}_${stem} PROPERTIES LABELS ${ARG_KIND} TIMEOUT ${ARG_TIMEOUT}
      ENVIRONMENT "RELAIS_BUILD=${PROJECT_BINARY_DIR};PYTHONPATH=${paths}")
  endforeach()
endfunction()

# relais_fuzzers(part LIBS ...): every .cpp in the current folder is a target, build/<preset>/fuzz/<part>-<file>, that
# defines LLVMFuzzerTestOneInput, and a ctest entry that feeds it the corpus. Under RELAIS_FUZZ libFuzzer drives it.
function(relais_fuzzers part)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(source ${sources})
    get_filename_component(stem ${source} NAME_WE)
    set(name fuzz_${part}_${stem})
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE relais_options ${ARG_LIBS})
    set_target_properties(${name} PROPERTIES OUTPUT_NAME ${part}-${stem} RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
    if(RELAIS_FUZZ)
      target_link_options(${name} PRIVATE -fsanitize=fuzzer)
      add_test(NAME ${name} COMMAND ${name} -runs=0 ${PROJECT_SOURCE_DIR}/tests/data ${PROJECT_SOURCE_DIR}/config)
    else()
      target_link_libraries(${name} PRIVATE fuzz_replay)
      add_test(NAME ${name} COMMAND ${name} ${PROJECT_SOURCE_DIR}/tests/data ${PROJECT_SOURCE_DIR}/config)
    endif()
    set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 300)
    set_property(GLOBAL APPEND PROPERTY RELAIS_FUZZERS ${name})
  endforeach()
endfunction()
