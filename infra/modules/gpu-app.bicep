metadata description = 'The container app that draws on a GPU. It scales to nothing, and nobody but the function app gets an answer from it.'

import { containerKind, gpu } from 'types.bicep'

@description('The region.')
param location string

@description('Tags of every resource.')
param tags object

@description('What makes names unique.')
param token string

@description('Resource id of the environment.')
param environmentId string

@description('The GPU.')
param gpuType gpu

@description('What the image is.')
param kind containerKind

@description('The image, by digest.')
param image string

@description('Server of the registry that the identity pulls from; empty for an image that anybody may pull.')
param registryServer string

@description('Name of its own identity.')
param selfName string

@description('Most replicas, each with a GPU.')
@minValue(1)
@maxValue(10)
param maxReplicas int

@description('Whether the model comes from Blob Storage; else the image has it.')
param hasModel bool

@description('Address of the model in Blob Storage.')
param modelAddress string

@description('The checksum that the model must have; empty: not checked.')
param modelSha256 string

@description('The Entra application that callers ask tokens for; empty: no authentication, which only a private network allows.')
param authClientId string

@description('Name of the identity that may call.')
param callerName string

var port = 5000
var isServer = kind == 'model-server'
// Cog answers 200 here whatever its state: it tells that the process answers, no more.
var healthPath = isServer ? '/healthz' : '/health-check'

resource self 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: selfName
}

resource caller 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: callerName
}

resource app 'Microsoft.App/containerApps@2025-07-01' = {
  name: 'ca-sdxl-${token}'
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${self.id}': {} } }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'gpu'
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 2
      ingress: {
        // In an internal environment this means: from the virtual network. false would mean: from apps of the same environment alone.
        external: true
        targetPort: port
        transport: 'http'
        allowInsecure: false
        traffic: [{ latestRevision: true, weight: 100 }]
      }
      registries: empty(registryServer) ? [] : [{ server: registryServer, identity: self.id }]
      // A published image gets no tokens: its identity pulls it, no more.
      identitySettings: [{ identity: self.id, lifecycle: isServer ? 'Main' : 'None' }]
    }
    template: {
      terminationGracePeriodSeconds: 240
      containers: [
        {
          name: kind
          image: image
          resources: gpuType == 'A100' ? { cpu: json('24.0'), memory: '220Gi' } : { cpu: json('8.0'), memory: '56Gi' }
          env: concat(
            isServer
              ? [
                  { name: 'AZURE_CLIENT_ID', value: self.properties.clientId }
                  { name: 'Leyden__ModelServer__ExecutionProvider', value: 'cuda' }
                  { name: 'Leyden__ModelServer__StopTime', value: '00:03:30' }
                ]
              : [],
            hasModel ? [{ name: 'Leyden__Model__BlobPrefix', value: modelAddress }] : [],
            isServer && !empty(modelSha256) ? [{ name: 'Leyden__Model__Sha256', value: modelSha256 }] : []
          )
          // Containers with a GPU get no probes of their own accord.
          probes: [
            {
              type: 'Startup'
              httpGet: { path: healthPath, port: port, scheme: 'HTTP' }
              initialDelaySeconds: 5
              periodSeconds: 30
              timeoutSeconds: 5
              failureThreshold: 10
            }
            {
              type: 'Liveness'
              httpGet: { path: healthPath, port: port, scheme: 'HTTP' }
              periodSeconds: 30
              timeoutSeconds: 10
              failureThreshold: 6
            }
          ]
        }
      ]
      scale: {
        minReplicas: 0
        maxReplicas: maxReplicas
        // As Leyden:Routing:WarmTime.
        cooldownPeriod: 300
        pollingInterval: 15
        rules: [{ name: 'one-run-each', http: { metadata: { concurrentRequests: '1' } } }]
      }
    }
  }

  resource auth 'authConfigs' = if (!empty(authClientId)) {
    name: 'current'
    properties: {
      platform: { enabled: true }
      // No path is left open: a question for the health of a container that sleeps would wake it, and cost.
      globalValidation: { unauthenticatedClientAction: 'Return401' }
      httpSettings: { requireHttps: true }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: authClientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          }
          validation: {
            allowedAudiences: [authClientId, 'api://${authClientId}']
            defaultAuthorizationPolicy: {
              allowedApplications: [caller.properties.clientId]
              allowedPrincipals: { identities: [caller.properties.principalId] }
            }
          }
        }
      }
    }
  }
}

@description('The app\'s address.')
output url string = 'https://${app.properties.configuration.ingress.fqdn}'
