# cmake -DSOURCE= -DBUILD= -DNPM= -P packages.cmake: the tests' scripts beside their packages, outside of the source tree.
file(MAKE_DIRECTORY ${BUILD})
file(GLOB scripts ${SOURCE}/*.mjs)
file(COPY ${scripts} ${SOURCE}/package.json ${SOURCE}/package-lock.json ${SOURCE}/.npmrc DESTINATION ${BUILD})
if(${BUILD}/node_modules/.package-lock.json IS_NEWER_THAN ${BUILD}/package-lock.json AND EXISTS ${BUILD}/node_modules/.package-lock.json)
  return()
endif()
# No package gets to run a script of its own. What npm has in its cache is not fetched again.
execute_process(COMMAND ${NPM} ci --ignore-scripts --prefer-offline --no-audit --no-fund WORKING_DIRECTORY ${BUILD}
  RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(failed)
  message(FATAL_ERROR "npm ci failed in ${BUILD} (it needs the npm registry or a filled cache)\n${said}")
endif()
